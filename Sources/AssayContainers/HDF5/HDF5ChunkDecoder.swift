// Chunked datasets decoded on demand: the chunks that a range needs, by several threads.

import AssayTensors
import Glibc

struct HDF5ChunkDecoder: TensorDecoder {
    private let file: ByteRegion
    private let chunks: HDF5Chunks
    private let shape: Shape
    private let grid: Shape
    private let elementSize: Int
    private let chunkSize: Int
    private let fillValue: [UInt8]
    /// The size of big-endian elements, 1 where nothing is to be swapped.
    private let swapSize: Int
    private let pool: ThreadPool

    /// Checks that the chunks can be decoded: known filters, each once, and sizes that the stored bytes could yield.
    init(
        file: ByteRegion, chunks: HDF5Chunks, shape: Shape, elementSize: Int, swapSize: Int, pool: ThreadPool
    ) throws(AssayError) {
        self.file = file
        self.chunks = chunks
        self.shape = shape
        grid = try Shape(checking: chunks.grid(of: shape.extents))
        self.elementSize = elementSize
        self.swapSize = swapSize
        self.pool = pool
        chunkSize = try HDF5Layout.byteCount(chunks.extents, elementSize)
        fillValue = try HDF5Layout.fillValue(chunks.fill, elementSize, swapSize)
        // A chunk reaches beyond its dataset where that may grow; by much, it is made to fill the memory.
        guard chunkSize <= max(shape.count * elementSize, 64 << 20) else {
            throw .unreadable("chunks of \(chunkSize) bytes are too large")
        }
        try checkFilters()
        try checkSizes()
    }

    var byteCount: Int { shape.count * elementSize }

    /// A row of chunks.
    var preferredPartSize: Int { max(1, min(chunks.extents[0], shape[0]) * rowSize) }

    /// Bytes of one step along the first axis.
    private var rowSize: Int { shape.count == 0 ? 0 : shape.count / shape[0] * elementSize }

    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        guard !range.isEmpty, rowSize > 0 else { return }
        let firstRow = range.lowerBound / rowSize / chunks.extents[0]
        let lastRow = (range.upperBound - 1) / rowSize / chunks.extents[0]
        let perRow = grid.count / grid[0]
        let first = firstRow * perRow
        // Every chunk writes to bytes of its own.
        nonisolated(unsafe) let destination = destination
        try pool.forEachThrowing((lastRow + 1) * perRow - first) { (place) throws(AssayError) in
            try decode(chunk: first + place, range, into: destination)
        }
    }

    private func decode(
        chunk number: Int, _ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer
    ) throws(AssayError) {
        let box = ChunkBox(number: number, grid: grid, chunk: chunks.extents, dataset: shape.extents)
        let chunk = chunks.chunks[number]
        guard let offset = chunk.offset else {
            let lineSize = box.extents.last.map { $0 * elementSize } ?? 0
            let line = (0..<lineSize).map { fillValue[$0 % elementSize] }
            line.withUnsafeBytes { line in
                copyLines(of: box, range, into: destination) { _ in line }
            }
            return
        }
        let stored = try file.slice(at: offset, count: chunk.size)
        let filters = chunks.filters(of: chunk, isPartial: box.extents != chunks.extents)
        var bytes = try HDF5Filter.undo(filters, on: stored, yielding: chunkSize)
        if swapSize > 1 {
            let swap = HDF5SwapDecoder(bytes: bytes, elementSize: swapSize)
            bytes = try ByteRegion(count: chunkSize) { (buffer) throws(AssayError) in
                try swap.decode(0..<chunkSize, into: buffer)
            }
        }
        bytes.withUnsafeBytes { bytes in
            copyLines(of: box, range, into: destination) { offset in
                UnsafeRawBufferPointer(rebasing: bytes[(offset * elementSize)...])
            }
        }
    }

    /// Copies the chunk's lines along the last axis to where they belong, as far as they lie in `range`.
    private func copyLines(
        of box: ChunkBox, _ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer,
        from source: (Int) -> UnsafeRawBufferPointer
    ) {
        box.forEachLine(datasetStrides: shape.strides) { inChunk, inDataset, count in
            let line = (inDataset * elementSize)..<((inDataset + count) * elementSize)
            let wanted = line.clamped(to: range)
            guard !wanted.isEmpty, let target = destination.baseAddress, let bytes = source(inChunk).baseAddress else {
                return
            }
            memcpy(
                target + (wanted.lowerBound - range.lowerBound), bytes + (wanted.lowerBound - line.lowerBound),
                wanted.count)
        }
    }

    private func checkFilters() throws(AssayError) {
        var kinds: Set<String> = []
        for filter in chunks.filters {
            if case .other = filter { throw .unreadable("the filter is not supported", found: filter.description) }
            guard kinds.insert(filter.description).inserted else {
                throw .unreadable("a filter is applied twice", found: filter.description)
            }
        }
    }

    private func checkSizes() throws(AssayError) {
        var missing = 0
        for (number, chunk) in chunks.chunks.enumerated() {
            guard chunk.offset != nil else {
                missing += 1
                continue
            }
            let box = ChunkBox(number: number, grid: grid, chunk: chunks.extents, dataset: shape.extents)
            let filters = chunks.filters(of: chunk, isPartial: box.extents != chunks.extents)
            let plainSize = chunkSize + (filters.contains(.fletcher32) ? 4 : 0)
            let fits =
                filters.contains(.deflate)
                ? chunkSize <= HDF5Filter.maximumInflatedSize(of: chunk.size) : chunk.size == plainSize
            guard fits else {
                throw .unreadable("\(chunk.size) bytes cannot hold a chunk of \(chunkSize)", offset: chunk.offset)
            }
        }
        let (filled, overflow) = missing.multipliedReportingOverflow(by: chunkSize)
        guard min(overflow ? .max : filled, byteCount) <= HDF5Layout.maximumFill else {
            throw .unreadable(
                "most of the data were never written", expected: "at most \(HDF5Layout.maximumFill) bytes of fill")
        }
    }
}

/// The part of a dataset that one chunk covers.
private struct ChunkBox {
    let origin: [Int]
    /// How far the chunk reaches along each axis without leaving the dataset.
    let extents: [Int]
    let chunk: [Int]

    init(number: Int, grid: Shape, chunk: [Int], dataset: [Int]) {
        self.chunk = chunk
        let gridStrides = grid.strides
        let place = grid.extents.indices.map { number / gridStrides[$0] % grid[$0] }
        let origin = zip(place, chunk).map { $0 * $1 }
        self.origin = origin
        extents = dataset.indices.map { min(chunk[$0], dataset[$0] - origin[$0]) }
    }

    /// Calls `body` for each line along the last axis with its first element in the chunk, its first element in the
    /// dataset, and its number of elements.
    func forEachLine(datasetStrides: [Int], _ body: (Int, Int, Int) -> Void) {
        let chunkStrides = Shape(chunk).strides
        let last = extents.count - 1
        var position = [Int](repeating: 0, count: extents.count)
        var inChunk = 0
        var inDataset = zip(origin, datasetStrides).reduce(0) { $0 + $1.0 * $1.1 }
        while true {
            body(inChunk, inDataset, extents[last])
            var axis = last - 1
            while axis >= 0 {
                position[axis] += 1
                inChunk += chunkStrides[axis]
                inDataset += datasetStrides[axis]
                if position[axis] < extents[axis] { break }
                inChunk -= extents[axis] * chunkStrides[axis]
                inDataset -= extents[axis] * datasetStrides[axis]
                position[axis] = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }
}
