// Prints the filters of a chunked dataset and where each of its chunks lies.

import CHDF5

struct ChunkPrinter {
    let dataset: hid_t
    let creation: hid_t
    let extents: [hsize_t]

    /// Prints the whole layout, or why it is refused.
    func print(
        fill: (inout RecordWriter) throws(HDF5Failure) -> Void, into output: inout RecordWriter
    ) throws(HDF5Failure) {
        var chunk = [hsize_t](repeating: 0, count: extents.count)
        let rank = H5Pget_chunk(creation, Int32(chunk.count), &chunk)
        guard rank == chunk.count, !chunk.contains(0) else { throw HDF5Failure(library: "reading the shape of chunks") }
        guard let count = count(of: chunk) else {
            output.append(0 as UInt8)
            output.append(text: "the data are in more than \(IndexFormat.maximumChunks) chunks")
            return
        }
        output.append(3 as UInt8)
        try fill(&output)
        for extent in chunk { output.append(UInt64(extent)) }
        var options: UInt32 = 0
        try check(H5Pget_chunk_opts(creation, &options), "reading the options of chunks")
        output.append(flag: options & UInt32(H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0)
        try printFilters(into: &output)
        output.append(UInt32(count))
        try printTable(chunk: chunk, count: count, into: &output)
    }

    /// The number of places for chunks, nil where it is beyond the limit.
    private func count(of chunk: [hsize_t]) -> Int? {
        var count = 1
        for (extent, step) in zip(extents, chunk) {
            let along = extent / step + (extent % step == 0 ? 0 : 1)
            guard along <= IndexFormat.maximumChunks else { return nil }
            count *= Int(along)
            guard count <= IndexFormat.maximumChunks else { return nil }
        }
        return count
    }

    private func printFilters(into output: inout RecordWriter) throws(HDF5Failure) {
        let count = try valid(hid_t(H5Pget_nfilters(creation)), "reading the filters")
        output.append(UInt8(clamping: count))
        for index in 0..<UInt32(min(count, 255)) {
            var parameterCount = 32
            var parameters = [UInt32](repeating: 0, count: parameterCount)
            var flags: UInt32 = 0
            var configuration: UInt32 = 0
            let number = H5Pget_filter2(
                creation, index, &flags, &parameterCount, &parameters, 0, nil, &configuration)
            guard number >= 0 else { throw HDF5Failure(library: "reading a filter") }
            output.append(UInt32(number))
            let known = parameters.prefix(parameterCount)
            output.append(UInt8(known.count))
            for parameter in known { output.append(parameter) }
        }
    }

    /// Prints the place of each chunk. `H5Dget_chunk_info` walks the table from its start each time, which takes minutes
    /// for a large one; reading a chunk looks it up, and the driver notes where it would read instead of reading.
    private func printTable(chunk: [hsize_t], count: Int, into output: inout RecordWriter) throws(HDF5Failure) {
        let allocated = try allocatedCount()
        var found = 0
        var origin = [hsize_t](repeating: 0, count: chunk.count)
        for _ in 0..<count {
            var mask: UInt32 = 0
            let place = found < allocated ? locate(origin, mask: &mask) : nil
            found += place == nil ? 0 : 1
            output.append(UInt64(place?.address ?? IndexFormat.nowhere))
            output.append(UInt64(place?.count ?? 0))
            output.append(mask)
            for axis in origin.indices.reversed() {
                origin[axis] += chunk[axis]
                if origin[axis] < extents[axis] { break }
                origin[axis] = 0
            }
        }
        // A lookup fails for a chunk that is not there as for one that cannot be found.
        guard found == allocated else { throw HDF5Failure("the table of chunks is inconsistent") }
        try output.checkLimit()
    }

    private func allocatedCount() throws(HDF5Failure) -> Int {
        let space = try valid(H5Dget_space(dataset), "counting chunks")
        defer { H5Sclose(space) }
        var count: hsize_t = 0
        try check(H5Dget_num_chunks(dataset, space, &count), "counting chunks")
        return Int(clamping: count)
    }

    private func locate(_ origin: [hsize_t], mask: inout UInt32) -> (address: haddr_t, count: Int)? {
        FileDriver.locate {
            var nothing: UInt8 = 0
            _ = H5Dread_chunk(dataset, 0, origin, &mask, &nothing)
        }
    }
}
