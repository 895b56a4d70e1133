// Datasets in chunks: the table of chunks and its checks.

import AssayTensors

/// The chunks of a dataset as the index lists them.
struct HDF5Chunks: Sendable {
    /// One chunk in the file.
    struct Chunk: Sendable {
        /// Nil where nothing was ever written, which means fill values.
        var offset: Int?
        var size: Int
        /// Bit n is set where filter n was skipped.
        var skippedFilters: UInt32
    }

    /// One element's value where a chunk is missing; empty for zero.
    var fill: [UInt8]
    /// The extents of every chunk; those at the edges reach beyond the dataset.
    var extents: [Int]
    /// Whether chunks at the edges are stored without filters.
    var partialChunksSkipFilters: Bool
    /// The filters in the order in which they were applied.
    var filters: [HDF5Filter]
    /// The chunks in row-major order.
    var chunks: [Chunk]

    /// The number of chunks along each axis of a dataset.
    func grid(of datasetExtents: [Int]) -> [Int] {
        zip(datasetExtents, extents).map { $0 / $1 + ($0 % $1 == 0 ? 0 : 1) }
    }

    /// Throws when the table contradicts the dataset's shape, or leaves the file.
    func check(extents datasetExtents: [Int], fileSize: Int) throws(AssayError) {
        guard !extents.isEmpty, extents.count == datasetExtents.count, !extents.contains(where: { $0 < 1 }),
            try Shape(checking: grid(of: datasetExtents)).count == chunks.count
        else { throw .unreadable("the table of chunks contradicts the shape") }
        for chunk in chunks {
            guard let offset = chunk.offset else { continue }
            guard offset <= fileSize, chunk.size <= fileSize - offset else {
                throw .unreadable("a chunk leaves the file", expected: "at most \(fileSize) bytes", offset: offset)
            }
        }
    }

    /// The filters that chunk `number` went through, in order.
    func filters(of chunk: Chunk, isPartial: Bool) -> [HDF5Filter] {
        if isPartial, partialChunksSkipFilters { return [] }
        return filters.enumerated().filter { chunk.skippedFilters & (1 << UInt32($0.offset)) == 0 }.map(\.element)
    }
}

extension HDF5Chunks: CustomStringConvertible {
    var description: String {
        let shape = "chunks \(extents.map(String.init).joined(separator: " × "))"
        return ([shape] + filters.map(\.description)).joined(separator: ", ")
    }
}
