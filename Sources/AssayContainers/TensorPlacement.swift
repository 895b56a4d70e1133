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

    /// Writes every tensor to its place, in parts of about two megabytes, once there is room for all. Mapped bytes are let go
    /// as soon as they are written, and memory for decoded ones is used again, so that a pass over a large file stays small.
    ///
    /// - Throws: what decoding a tensor throws, and `AssayError.writeFailed`.
    public static func write(
        _ placements: [TensorPlacement], to file: AtomicFile, pool: ThreadPool
    ) throws(AssayError) {
        try file.reserve(placements.map(\.end).max() ?? 0)
        let parts = placements.flatMap { placement in
            placement.tensor.partRanges(partSize: 1 << 21).map { (placement: placement, range: $0) }
        }
        let workspaces = WorkspacePool<ScratchMemory>()
        try pool.forEachThrowing(parts.count) { (index) throws(AssayError) in
            let (placement, range) = parts[index]
            try placement.write(range, to: file, decodingIn: workspaces)
        }
    }

    /// Where the tensor ends in the file.
    private var end: Int { offset + tensor.byteCount }

    /// Writes the bytes `range` of the tensor to their place.
    private func write(
        _ range: Range<Int>, to file: AtomicFile, decodingIn workspaces: WorkspacePool<ScratchMemory>
    ) throws(AssayError) {
        switch tensor.storage {
        case .region(let region):
            let bytes = try region.slice(range)
            try file.write(bytes, at: offset + range.lowerBound)
            bytes.release()
        case .decoder(let decoder):
            try workspaces.withWorkspace(orMake: ScratchMemory.init) { (scratch) throws(AssayError) in
                let buffer = scratch.buffer(range.count, apartFrom: offset + range.lowerBound)
                try decoder.decode(range, into: buffer)
                try file.write(UnsafeRawBufferPointer(buffer), at: offset + range.lowerBound)
            }
        }
    }
}
