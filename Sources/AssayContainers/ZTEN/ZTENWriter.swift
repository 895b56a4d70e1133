// Writing ZTEN files: frames are planned, compressed by several threads batch by batch, and written in order.

import AssayTensors
import OrderedCollections

/// Writes the frames and the seek table of one file.
struct ZTENWriter {
    /// One frame to be: the bytes `range` of a tensor's stored form.
    private struct Frame {
        /// The tensor's place in the layout.
        let item: Int
        let range: Range<Int>
        /// The size of an element that is taken apart into byte planes; nil where the tensor is stored as it is.
        let planesOf: Int?
    }

    private let content: NamedTensors
    private let layout: SafeTensorsLayout
    private let planes: OrderedDictionary<String, ZTENMetadata.Planes>
    private let file: AtomicFile
    private let pool: ThreadPool
    private let compressors = WorkspacePool<ZstdCompressor>()
    /// Where the frames of a batch are compressed to, each used by one thread at a time.
    private let outputs: [ScratchMemory]
    private var table = SeekTable()

    init(_ content: NamedTensors, plain: Bool, file: AtomicFile, pool: ThreadPool) throws(AssayError) {
        self.content = content
        self.file = file
        self.pool = pool
        outputs = (0..<(4 * pool.threadCount)).map { _ in ScratchMemory() }
        var planes: OrderedDictionary<String, ZTENMetadata.Planes> = [:]
        let items = content.tensors.map { name, tensor -> SafeTensorsLayout.Item in
            guard !plain, ZTENFormat.usesPlanes(tensor.type, byteCount: tensor.byteCount) else {
                return .init(name: name, type: tensor.type, shape: tensor.shape)
            }
            planes[name] = .init(type: tensor.type, shape: tensor.shape)
            return .init(name: name, type: .u8, shape: [tensor.type.byteCount, tensor.shape.count])
        }
        self.planes = planes
        let metadata = ZTENMetadata(planes: planes, others: content.metadata)
        layout = try SafeTensorsLayout(items, metadata: metadata.encoded)
    }

    /// Writes everything; the caller commits the file.
    mutating func write() throws(AssayError) {
        try writeHeader()
        var batch: [Frame] = []
        var loaded: [Int: ByteRegion] = [:]
        for frame in layout.items.indices.flatMap(frames) {
            batch.append(frame)
            if batch.count == outputs.count { try write(&batch, loaded: &loaded) }
        }
        try write(&batch, loaded: &loaded)
        try file.write(ByteRegion(table.encoded), at: table.size)
    }

    private mutating func writeHeader() throws(AssayError) {
        let header = ByteRegion(layout.encodedHeader)
        guard header.count <= ZTENFormat.maximumHeaderSize else {
            throw AssayError(
                .writeFailed, "the header is too large for ZTEN",
                expected: "at most \(ZTENFormat.maximumHeaderSize) bytes", found: "\(header.count)")
        }
        let output = outputs[0]
        let frame = try header.withUnsafeBytes { (bytes) throws(AssayError) in
            CompressedFrame(try ZstdCompressor().frame(of: bytes, mode: .general, in: output), of: bytes.count)
        }
        try append([frame])
    }

    /// A small tensor is one frame; of a large one, each plane is cut by itself.
    private func frames(of item: Int) -> [Frame] {
        let size = layout.items[item].byteCount
        let elementSize = planes[layout.items[item].name]?.type.byteCount
        guard size > ZTENFormat.frameSize else {
            return size == 0 ? [] : [Frame(item: item, range: 0..<size, planesOf: elementSize)]
        }
        let runSize = size / (elementSize ?? 1)
        return stride(from: 0, to: size, by: runSize).flatMap { run in
            stride(from: run, to: run + runSize, by: ZTENFormat.frameSize).map { start in
                let end = min(start + ZTENFormat.frameSize, run + runSize)
                return Frame(item: item, range: start..<end, planesOf: elementSize)
            }
        }
    }

    /// Compresses and writes a batch, and empties it. Tensors that are decoded on demand stay loaded while their frames
    /// last, since each of their planes needs all of them.
    private mutating func write(_ batch: inout [Frame], loaded: inout [Int: ByteRegion]) throws(AssayError) {
        guard let last = batch.last?.item else { return }
        for frame in batch where loaded[frame.item] == nil {
            loaded[frame.item] = try content.tensors[layout.items[frame.item].name]?.bytes()
        }
        let work = zip(batch, outputs).compactMap { frame, output in
            loaded[frame.item].map { (frame: frame, source: $0, output: output) }
        }
        let compressors = compressors
        let frames = try pool.map(work.count) { (index) throws(AssayError) in
            try compressors.withWorkspace(orMake: ZstdCompressor.init) { (compressor) throws(AssayError) in
                let (frame, source, output) = work[index]
                return try ZTENWriter.compress(frame, of: source, with: compressor, in: output)
            }
        }
        try append(frames)
        for (item, source) in loaded where item != last || source.count > ZTENWriter.largeTensor {
            source.release()
            if item != last { loaded[item] = nil }
        }
        batch = []
    }

    /// From so many bytes on, a tensor of a mapped file is read again for each of its planes rather than kept in memory.
    private static let largeTensor = 1 << 27

    private static func compress(
        _ frame: Frame, of source: ByteRegion, with compressor: ZstdCompressor, in output: ScratchMemory
    ) throws(AssayError) -> CompressedFrame {
        guard let elementSize = frame.planesOf else {
            let part = try source.slice(frame.range)
            defer { part.release() }
            return try part.withUnsafeBytes { (bytes) throws(AssayError) in
                CompressedFrame(try compressor.frame(of: bytes, mode: .general, in: output), of: bytes.count)
            }
        }
        let planes = compressor.scratch.buffer(frame.range.count)
        source.withUnsafeBytes {
            BytePlanes.split($0, elementSize: elementSize, range: frame.range, into: planes)
        }
        let bytes = UnsafeRawBufferPointer(planes)
        return CompressedFrame(try compressor.frame(of: bytes, mode: .planes, in: output), of: bytes.count)
    }

    /// Writes compressed frames behind those that are there.
    private mutating func append(_ frames: [CompressedFrame]) throws(AssayError) {
        let first = table.frames.count
        for frame in frames {
            table.append(
                size: UInt32(frame.bytes.count), decodedSize: UInt32(frame.decodedSize), checksum: frame.checksum)
        }
        let places = table.frames[first...].map(\.offset)
        let file = file
        try pool.forEachThrowing(frames.count) { (index) throws(AssayError) in
            try file.write(frames[index].bytes, at: places[index])
        }
        file.beginWriteback(upTo: table.size)
    }
}

/// A compressed frame in scratch memory.
private struct CompressedFrame: @unchecked Sendable {
    // Unchecked: the memory is not written while the frame is in use.
    let bytes: UnsafeRawBufferPointer
    let decodedSize: Int

    init(_ bytes: UnsafeRawBufferPointer, of decodedSize: Int) {
        self.bytes = bytes
        self.decodedSize = decodedSize
    }

    /// The frame ends with the checksum of its content, which the seek table repeats.
    var checksum: UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self))
    }
}
