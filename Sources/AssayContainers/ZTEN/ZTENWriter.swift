// Writing ZTEN files: frames are planned, compressed by several threads batch by batch, and written in order.

import AssayTensors
import OrderedCollections

/// Writes the frames and the seek table of one file.
struct ZTENWriter {
    /// One frame to be: the bytes `range` of a tensor's stored form.
    private struct Frame {
        /// The tensor's place in `items`.
        let item: Int
        let range: Range<Int>
        let isPlanes: Bool
    }

    private let content: NamedTensors
    private let layout: SafeTensorsLayout
    private let planes: OrderedDictionary<String, ZTENMetadata.Planes>
    private let file: AtomicFile
    private let pool: ThreadPool
    private let contexts = ZstdContexts(.compression)
    private var table = SeekTable()

    init(_ content: NamedTensors, plain: Bool, file: AtomicFile, pool: ThreadPool) throws(AssayError) {
        self.content = content
        self.file = file
        self.pool = pool
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
        let header = ByteRegion(layout.encodedHeader)
        guard header.count <= ZTENFormat.maximumHeaderSize else {
            throw AssayError(
                .writeFailed, "the header is too large for ZTEN",
                expected: "at most \(ZTENFormat.maximumHeaderSize) bytes", found: "\(header.count)")
        }
        let contexts = contexts
        let frame = try header.withUnsafeBytes { (bytes) throws(AssayError) in
            try ZstdCompression.frame(of: bytes, mode: .general, contexts: contexts)
        }
        try append([frame], decodedSizes: [header.count])
        var batch: [Frame] = []
        var loaded: [Int: ByteRegion] = [:]
        for frame in layout.items.indices.flatMap(frames) {
            batch.append(frame)
            if batch.count == 8 * pool.threadCount { try write(&batch, loaded: &loaded) }
        }
        try write(&batch, loaded: &loaded)
        try file.write(ByteRegion(table.encoded), at: table.size)
    }

    /// A small tensor is one frame; of a large one, each plane is cut by itself.
    private func frames(of item: Int) -> [Frame] {
        let size = layout.items[item].byteCount
        let type = planes[layout.items[item].name]?.type
        guard size > ZTENFormat.frameSize else {
            return size == 0 ? [] : [Frame(item: item, range: 0..<size, isPlanes: type != nil)]
        }
        let runSize = size / (type?.byteCount ?? 1)
        return stride(from: 0, to: size, by: runSize).flatMap { run in
            stride(from: run, to: run + runSize, by: ZTENFormat.frameSize).map { start in
                Frame(
                    item: item, range: start..<min(start + ZTENFormat.frameSize, run + runSize), isPlanes: type != nil)
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
        let frames = batch
        let sources = loaded
        let contexts = contexts
        let items = layout.items
        let compressed = try pool.map(frames.count) { (index) throws(AssayError) -> ByteRegion in
            let frame = frames[index]
            guard let source = sources[frame.item] else { return ByteRegion([]) }
            do throws(AssayError) {
                return try ZTENWriter.compress(
                    frame, of: source, elementSize: items[frame.item].shape.extents.first ?? 1, contexts)
            } catch {
                throw error.located(object: items[frame.item].name)
            }
        }
        try append(compressed, decodedSizes: frames.map(\.range.count))
        for (item, source) in loaded where item != last {
            source.release()
            loaded[item] = nil
        }
        batch = []
    }

    private static func compress(
        _ frame: Frame, of source: ByteRegion, elementSize: Int, _ contexts: ZstdContexts
    ) throws(AssayError) -> ByteRegion {
        guard frame.isPlanes else {
            let part = try source.slice(frame.range)
            defer { part.release() }
            return try part.withUnsafeBytes { (bytes) throws(AssayError) in
                try ZstdCompression.frame(of: bytes, mode: .general, contexts: contexts)
            }
        }
        let planes = ByteRegion(count: frame.range.count) { buffer in
            source.withUnsafeBytes {
                BytePlanes.split($0, elementSize: elementSize, range: frame.range, into: buffer)
            }
        }
        return try planes.withUnsafeBytes { (bytes) throws(AssayError) in
            try ZstdCompression.frame(of: bytes, mode: .planes, contexts: contexts)
        }
    }

    /// Writes compressed frames behind those that are there. The table's checksum is the one that ends each frame.
    private mutating func append(_ frames: [ByteRegion], decodedSizes: [Int]) throws(AssayError) {
        let first = table.frames.count
        for (frame, decodedSize) in zip(frames, decodedSizes) {
            var end = ByteReader(frame, at: frame.count - 4)
            let checksum = try end.read(UInt32.self)
            table.append(size: UInt32(frame.count), decodedSize: UInt32(decodedSize), checksum: checksum)
        }
        let places = table.frames[first...].map(\.offset)
        let file = file
        try pool.forEachThrowing(frames.count) { (index) throws(AssayError) in
            try file.write(frames[index], at: places[index])
        }
    }
}
