// Tensors whose elements lie in another order than row-major, or big-endian: rearranged on demand.

import AssayTensors

/// An array whose elements lie at given strides of a source (column by column in NumPy's Fortran order, transposed in a
/// view of PyTorch), big-endian, or both.
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
    /// How many elements lie between neighbours along each axis. Every element must lie in the source.
    let strides: [Int]
    let swaps: Bool

    var byteCount: Int { shape.count * type.byteCount }

    var preferredPartSize: Int {
        // What must be inflated first is inflated once.
        if case .decoder = source.storage { return max(byteCount, 1) }
        return 1 << 20
    }

    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        let size = type.byteCount
        let elements = (range.lowerBound / size)..<((range.upperBound + size - 1) / size)
        try source.bytes().withUnsafeBytes { bytes in
            var walk = StridedWalk(shape: shape, strides: strides, from: elements.lowerBound)
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

extension Shape {
    /// How many elements lie between neighbours along each axis of a column-major array.
    var columnMajorStrides: [Int] {
        var stride = 1
        return extents.map { extent in
            defer { stride *= extent }
            return stride
        }
    }
}

/// Where the elements of a row-major walk lie in a source with other strides.
private struct StridedWalk {
    private let extents: [Int]
    private let strides: [Int]
    private var index: [Int]
    private var offset: Int

    /// A walk that begins at the element `start` of the row-major order.
    init(shape: Shape, strides: [Int], from start: Int) {
        extents = shape.extents
        self.strides = strides
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
