// Writing tensors to known places of a file: in parts, by several threads, with little memory.

import AssayTensors

/// A tensor and the offset in a new file where its bytes belong.
public struct TensorPlacement: Sendable {
    /// The tensor.
    public let tensor: Tensor
    /// The offset of its first byte in the file.
    public let offset: Int

    /// A tensor whose bytes belong at `offset`.
    public init(_ tensor: Tensor, at offset: Int) {
        self.tensor = tensor
        self.offset = offset
    }

    /// Writes every tensor to its place. Threads share out parts of a few megabytes; mapped bytes are let go once they
    /// are written, so that a pass over a large file stays small.
    ///
    /// - Throws: what decoding a tensor throws, and `AssayError.writeFailed`.
    public static func write(
        _ placements: [TensorPlacement], to file: AtomicFile, pool: ThreadPool
    ) throws(AssayError) {
        let parts = placements.flatMap(\.parts)
        try pool.forEachThrowing(parts.count) { (index) throws(AssayError) in
            let part = parts[index]
            let bytes = try part.tensor.part(part.range)
            try file.write(bytes, at: part.offset)
            bytes.release()
        }
    }

    private var parts: [(tensor: Tensor, range: Range<Int>, offset: Int)] {
        tensor.partRanges(partSize: 1 << 22).map { (tensor, $0, offset + $0.lowerBound) }
    }
}
