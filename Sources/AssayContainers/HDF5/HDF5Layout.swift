// Where the bytes of a dataset lie, and how they become a tensor.

import AssayTensors

enum HDF5Layout: Sendable {
    case refused(String)
    /// In the object itself.
    case compact(ByteRegion)
    /// In one piece; nowhere when nothing was ever written, which means fill values. An empty fill is zero.
    case contiguous(offset: Int?, allocated: Int, fill: [UInt8])
    case chunked(HDF5Chunks)

    /// The most bytes of fill values that a dataset may have which the file does not hold.
    static let maximumFill = 256 << 20

    /// Throws when the layout contradicts the shape, or leaves the file of `fileSize` bytes.
    func check(extents: [Int]?, elementSize: Int, fileSize: Int) throws(AssayError) {
        guard let extents else { return }
        switch self {
        case .refused: return
        case .compact(let bytes):
            guard try HDF5Layout.byteCount(extents, elementSize) == bytes.count else {
                throw .unreadable("the data have another size than the shape")
            }
        case .contiguous(let offset, let allocated, _):
            guard let offset else { return }
            let size = try HDF5Layout.byteCount(extents, elementSize)
            guard offset <= fileSize, size <= fileSize - offset else {
                throw .unreadable("the data leave the file", expected: "at most \(fileSize) bytes", offset: offset)
            }
            guard size <= allocated else {
                throw .unreadable("the shape needs \(size) bytes", expected: "at most \(allocated)", offset: offset)
            }
        case .chunked(let chunks): try chunks.check(extents: extents, fileSize: fileSize)
        }
    }

    /// The dense bytes of `shape`, whose elements have `elementSize` bytes, or what decodes them.
    ///
    /// - Parameter swapSize: the size of big-endian numbers, 1 where nothing is to be swapped.
    func storage(
        of shape: Shape, elementSize: Int, swapSize: Int, in index: HDF5Index
    ) throws(AssayError) -> Tensor.Storage {
        let size = try HDF5Layout.byteCount(shape.extents, elementSize)
        switch self {
        case .refused(let reason): throw .unreadable(reason)
        case .compact(let bytes): return HDF5Layout.swapped(bytes, swapSize)
        case .contiguous(let offset?, _, _):
            return HDF5Layout.swapped(try index.bytes.slice(at: offset, count: size), swapSize)
        case .contiguous(nil, _, let fill):
            guard size <= HDF5Layout.maximumFill else {
                throw .unreadable("the data were never written", expected: "at most \(HDF5Layout.maximumFill) bytes")
            }
            let value = try HDF5Layout.fillValue(fill, elementSize, swapSize)
            return .decoder(HDF5FillDecoder(byteCount: size, value: value))
        case .chunked(let chunks):
            return .decoder(
                try HDF5ChunkDecoder(
                    file: index.bytes, chunks: chunks, shape: shape, elementSize: elementSize, swapSize: swapSize,
                    pool: index.pool))
        }
    }

    private static func swapped(_ bytes: ByteRegion, _ swapSize: Int) -> Tensor.Storage {
        swapSize > 1 ? .decoder(HDF5SwapDecoder(bytes: bytes, elementSize: swapSize)) : .region(bytes)
    }

    /// One element's fill value, little-endian.
    static func fillValue(_ fill: [UInt8], _ elementSize: Int, _ swapSize: Int) throws(AssayError) -> [UInt8] {
        guard fill.isEmpty || fill.count == elementSize else { throw .unreadable("the fill value has another type") }
        let value = fill.isEmpty ? [UInt8](repeating: 0, count: elementSize) : fill
        return swapSize > 1 ? value.reversed() : value
    }

    static func byteCount(_ extents: [Int], _ elementSize: Int) throws(AssayError) -> Int {
        let (size, overflow) = try Shape(checking: extents).count.multipliedReportingOverflow(by: elementSize)
        guard !overflow else { throw .unreadable("the shape has too many bytes") }
        return size
    }
}

extension HDF5Layout: CustomStringConvertible {
    var description: String {
        switch self {
        case .refused(let reason): reason
        case .compact: "compact"
        case .contiguous(let offset, _, _): offset == nil ? "never written" : "contiguous"
        case .chunked(let chunks): chunks.description
        }
    }
}

/// Yields big-endian elements little-endian.
struct HDF5SwapDecoder: TensorDecoder {
    let bytes: ByteRegion
    let elementSize: Int

    var byteCount: Int { bytes.count }
    var preferredPartSize: Int { elementSize }

    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        bytes.withUnsafeBytes { source in
            for (place, offset) in range.enumerated() {
                let within = offset % elementSize
                destination[place] = source[offset - within + (elementSize - 1 - within)]
            }
        }
    }
}

/// Yields one value again and again.
struct HDF5FillDecoder: TensorDecoder {
    let byteCount: Int
    let value: [UInt8]

    var preferredPartSize: Int { value.count }

    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        for (place, offset) in range.enumerated() { destination[place] = value[offset % value.count] }
    }
}
