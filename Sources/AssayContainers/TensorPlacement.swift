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

    /// Writes every tensor to its place, in parts of a few megabytes. Mapped bytes are let go once they are written, and
    /// memory for decoded ones is used again, so that a pass over a large file stays small.
    ///
    /// - Throws: what decoding a tensor throws, and `AssayError.writeFailed`.
    public static func write(
        _ placements: [TensorPlacement], to file: AtomicFile, pool: ThreadPool
    ) throws(AssayError) {
        var decoded: [(decoder: any TensorDecoder, range: Range<Int>, offset: Int)] = []
        for placement in placements {
            for range in placement.tensor.partRanges(partSize: 1 << 22) {
                let offset = placement.offset + range.lowerBound
                switch placement.tensor.storage {
                case .decoder(let decoder): decoded.append((decoder, range, offset))
                case .region(let region):
                    // The system lets one thread at a time write to a file: more would only wait for each other.
                    let bytes = try region.slice(range)
                    try file.write(bytes, at: offset)
                    bytes.release()
                }
            }
        }
        let parts = decoded
        let workspaces = WorkspacePool<ScratchMemory>()
        try pool.forEachThrowing(parts.count) { (index) throws(AssayError) in
            let (decoder, range, offset) = parts[index]
            try workspaces.withWorkspace(orMake: ScratchMemory.init) { (scratch) throws(AssayError) in
                let buffer = scratch.buffer(range.count)
                try decoder.decode(range, into: buffer)
                try file.write(UnsafeRawBufferPointer(buffer), at: offset)
            }
        }
    }
}
