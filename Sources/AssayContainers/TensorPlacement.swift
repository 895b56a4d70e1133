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
    /// are written, and memory for decoded ones is used again, so that a pass over a large file stays small.
    ///
    /// - Throws: what decoding a tensor throws, and `AssayError.writeFailed`.
    public static func write(
        _ placements: [TensorPlacement], to file: AtomicFile, pool: ThreadPool
    ) throws(AssayError) {
        let parts = placements.flatMap(\.parts)
        let workspaces = WorkspacePool<ScratchMemory>()
        try pool.forEachThrowing(parts.count) { (index) throws(AssayError) in
            let part = parts[index]
            guard case .decoder(let decoder) = part.tensor.storage else {
                let bytes = try part.tensor.part(part.range)
                try file.write(bytes, at: part.offset)
                return bytes.release()
            }
            try workspaces.withWorkspace(orMake: ScratchMemory.init) { (scratch) throws(AssayError) in
                let buffer = scratch.buffer(part.range.count)
                try decoder.decode(part.range, into: buffer)
                try file.write(UnsafeRawBufferPointer(buffer), at: part.offset)
            }
        }
    }

    private var parts: [(tensor: Tensor, range: Range<Int>, offset: Int)] {
        tensor.partRanges(partSize: 1 << 22).map { (tensor, $0, offset + $0.lowerBound) }
    }
}
