// Tensors from NPY arrays: in place where row-major and little-endian, rearranged on demand where not.

import AssayTensors

/// Reading one NPY array.
public enum NPYArray {
    /// The tensor that a whole NPY file holds.
    ///
    /// - Throws: `AssayError.unreadable` when it is damaged, or holds what Assay does not load: pickled objects,
    ///   records, text, complex numbers.
    public static func tensor(in bytes: ByteRegion) throws(AssayError) -> Tensor {
        let (header, size) = try NPYHeader.read(bytes)
        return try tensor(header, values: .region(bytes.slice(size..<bytes.count)), count: bytes.count - size)
    }

    /// The tensor of a header and the `count` bytes of values that follow it.
    static func tensor(
        _ header: NPYHeader, values: Tensor.Storage, count: Int
    ) throws(AssayError) -> Tensor {
        let needed = try header.shape.byteCount(of: header.type)
        guard needed == count else {
            throw .unreadable(
                "the values do not fill the shape \(header.shape)", expected: "\(needed) bytes", found: "\(count)")
        }
        let swaps = header.isBigEndian && header.type.byteCount > 1
        let transposes = header.isFortranOrder && header.shape.rank > 1
        if swaps || transposes {
            let source = RearrangedArray.Source(storage: values, byteCount: count)
            return try Tensor(
                type: header.type, shape: header.shape,
                decoder: RearrangedArray(
                    source: source, type: header.type, shape: header.shape, swaps: swaps, transposes: transposes))
        }
        switch values {
        case .region(let region): return try Tensor(type: header.type, shape: header.shape, region: region)
        case .decoder(let decoder): return try Tensor(type: header.type, shape: header.shape, decoder: decoder)
        }
    }
}

/// The bytes of a decoder from `start` on: an array's values behind its header.
struct DecoderTail: TensorDecoder {
    let base: any TensorDecoder
    let start: Int

    var byteCount: Int { base.byteCount - start }
    var preferredPartSize: Int { max(byteCount, 1) }

    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        try base.decode((range.lowerBound + start)..<(range.upperBound + start), into: destination)
    }
}

/// An array whose values lie column by column (Fortran order), big-endian, or both.
struct RearrangedArray: TensorDecoder {
    /// The values as they are stored.
    struct Source: Sendable {
        let storage: Tensor.Storage
        let byteCount: Int

        func bytes() throws(AssayError) -> ByteRegion {
            switch storage {
            case .region(let region): return region
            case .decoder(let decoder):
                return try ByteRegion(count: byteCount) { (buffer) throws(AssayError) in
                    try decoder.decode(0..<byteCount, into: buffer)
                }
            }
        }
    }

    let source: Source
    let type: ElementType
    let shape: Shape
    let swaps: Bool
    let transposes: Bool

    var byteCount: Int { source.byteCount }

    var preferredPartSize: Int {
        // What must be inflated first is inflated once.
        if case .decoder = source.storage { return max(byteCount, 1) }
        return 1 << 20
    }

    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        let size = type.byteCount
        let elements = (range.lowerBound / size)..<((range.upperBound + size - 1) / size)
        try source.bytes().withUnsafeBytes { bytes in
            var walk = ColumnMajorWalk(shape: shape, from: elements.lowerBound, transposes: transposes)
            for element in elements {
                let start = walk.next() * size
                for byte in 0..<size {
                    let target = element * size + byte - range.lowerBound
                    guard target >= 0, target < range.count else { continue }
                    destination[target] = bytes[start + (swaps ? size - 1 - byte : byte)]
                }
            }
        }
    }
}

/// Where the elements of a row-major walk lie in a column-major array.
private struct ColumnMajorWalk {
    private let extents: [Int]
    private let strides: [Int]
    private var index: [Int]
    private var offset = 0

    init(shape: Shape, from start: Int, transposes: Bool) {
        guard transposes else {
            // One axis: the walk is a count.
            extents = [max(shape.count, 1)]
            strides = [1]
            index = [start]
            offset = start
            return
        }
        extents = shape.extents
        var stride = 1
        strides = shape.extents.map { extent in
            defer { stride *= extent }
            return stride
        }
        index = zip(shape.strides, shape.extents).map { $1 == 0 ? 0 : start / $0 % $1 }
        offset = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The current element's place; moves on.
    mutating func next() -> Int {
        let place = offset
        for axis in stride(from: extents.count - 1, through: 0, by: -1) {
            index[axis] += 1
            offset += strides[axis]
            if index[axis] < extents[axis] { break }
            offset -= strides[axis] * extents[axis]
            index[axis] = 0
        }
        return place
    }
}
