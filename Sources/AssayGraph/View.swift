// How stored tensors give the value that an operator uses: exact movements of elements, which can be undone.

import AssayTensors

/// An expression over the stored tensors of a parameter. Views move elements and compute nothing, so that converting
/// between dialects is exact.
public indirect enum View: Sendable, Hashable, Codable {
    /// The stored tensor with this index, as it is.
    case stored(Int)
    /// Axes in another order, as in NumPy's `transpose`.
    case transposed(View, [Int])
    /// The same row-major elements under another shape.
    case reshaped(View, [Int])
    /// A part along one axis.
    case sliced(View, axis: Int, start: Int, count: Int)
    /// The elements of one axis in the opposite order (Theano's convolution kernels).
    case reversed(View, axis: Int)
    /// Several views joined along one axis that they have.
    case concatenated([View], axis: Int)

    /// Whether the value is the first stored tensor itself.
    public var isIdentity: Bool { self == .stored(0) }

    /// Whether the value has all elements of the first stored tensor, each once, in whatever order.
    public var isRearrangement: Bool {
        switch self {
        case .stored(let index): index == 0
        case .transposed(let view, _), .reshaped(let view, _), .reversed(let view, _): view.isRearrangement
        case .sliced, .concatenated: false
        }
    }

    /// The shape of the value, for stored tensors of these shapes.
    ///
    /// - Throws: `AssayError.unreadable` when the view does not fit the stored shapes.
    public func shape(of stored: [Shape]) throws(AssayError) -> Shape {
        switch self {
        case .stored(let index):
            guard stored.indices.contains(index) else { throw .unreadable("a view of a tensor that is not there") }
            return stored[index]
        case .transposed(let view, let order):
            let shape = try view.shape(of: stored)
            guard order.sorted() == Array(0..<shape.rank) else {
                throw .unreadable("cannot transpose \(shape) by \(order)")
            }
            return Shape(order.map { shape[$0] })
        case .reshaped(let view, let extents):
            let shape = try view.shape(of: stored)
            let result = try Shape(checking: extents)
            guard shape.count == result.count else { throw .unreadable("cannot reshape \(shape) to \(result)") }
            return result
        case .sliced(let view, let axis, let start, let count):
            let shape = try view.shape(of: stored)
            guard (0..<shape.rank).contains(axis), start >= 0, count >= 0, start <= shape[axis],
                count <= shape[axis] - start
            else { throw .unreadable("cannot take \(count) from \(start) on of axis \(axis) of \(shape)") }
            var extents = shape.extents
            extents[axis] = count
            return Shape(extents)
        case .reversed(let view, let axis):
            let shape = try view.shape(of: stored)
            guard (0..<shape.rank).contains(axis) else { throw .unreadable("\(shape) has no axis \(axis)") }
            return shape
        case .concatenated(let views, let axis):
            return try View.joinedShape(
                try View.map(views) { (view) throws(AssayError) in
                    try view.shape(of: stored)
                }, axis)
        }
    }

    private static func joinedShape(_ shapes: [Shape], _ axis: Int) throws(AssayError) -> Shape {
        guard let first = shapes.first, (0..<first.rank).contains(axis) else {
            throw .unreadable("cannot join \(shapes.count) tensors along axis \(axis)")
        }
        var total = 0
        for shape in shapes {
            guard shape.rank == first.rank,
                (0..<first.rank).allSatisfy({ $0 == axis || shape[$0] == first[$0] })
            else { throw .unreadable("cannot join \(first) and \(shape) along axis \(axis)") }
            total += shape[axis]
        }
        var extents = first.extents
        extents[axis] = total
        return try Shape(checking: extents)
    }

    private static func map<Element, Result>(
        _ elements: [Element], _ transform: (Element) throws(AssayError) -> Result
    ) throws(AssayError) -> [Result] {
        var results: [Result] = []
        for element in elements { results.append(try transform(element)) }
        return results
    }

    /// The value: the stored tensor itself where nothing moves, else a new tensor.
    ///
    /// - Throws: `AssayError.unreadable` when the view does not fit, or a stored tensor cannot be decoded.
    public func apply(to stored: [Tensor]) throws(AssayError) -> Tensor {
        switch self {
        case .stored(let index):
            guard stored.indices.contains(index) else { throw .unreadable("a view of a tensor that is not there") }
            return stored[index]
        case .reshaped(let view, let extents):
            return try view.apply(to: stored).reshaped(to: Shape(checking: extents))
        case .concatenated(let views, let axis):
            let parts = try View.map(views) { (view) throws(AssayError) in try view.apply(to: stored) }
            return try View.join(parts, axis)
        case .transposed(let view, let order):
            let source = try view.apply(to: stored)
            let result = try View.transposed(.stored(0), order).shape(of: [source.shape])
            let strides = source.shape.strides
            return try View.gather(source, result, order.map { strides[$0] }, from: 0)
        case .sliced(let view, let axis, let start, _):
            let source = try view.apply(to: stored)
            let result = try shape(of: stored.map(\.shape))
            return try View.gather(source, result, source.shape.strides, from: start * source.shape.strides[axis])
        case .reversed(let view, let axis):
            let source = try view.apply(to: stored)
            let result = try View.reversed(.stored(0), axis: axis).shape(of: [source.shape])
            var strides = source.shape.strides
            let start = max(0, result[axis] - 1) * strides[axis]
            strides[axis] = -strides[axis]
            return try View.gather(source, result, strides, from: start)
        }
    }

    /// Where an element of the value lies: the number of a stored tensor and the element's there, both row-major.
    ///
    /// - Throws: `AssayError.unreadable` when the view does not fit the stored shapes.
    public func place(of element: Int, in stored: [Shape]) throws(AssayError) -> (tensor: Int, element: Int) {
        var position = try shape(of: stored).position(of: element)
        switch self {
        case .stored(let index): return (index, element)
        case .reshaped(let view, _): return try view.place(of: element, in: stored)
        case .transposed(let view, let order):
            let moved = position
            for (axis, source) in order.enumerated() { position[source] = moved[axis] }
            return try view.place(at: position, in: stored)
        case .sliced(let view, let axis, let start, _):
            position[axis] += start
            return try view.place(at: position, in: stored)
        case .reversed(let view, let axis):
            position[axis] = try view.shape(of: stored)[axis] - 1 - position[axis]
            return try view.place(at: position, in: stored)
        case .concatenated(let views, let axis):
            for view in views {
                let length = try view.shape(of: stored)[axis]
                if position[axis] < length { return try view.place(at: position, in: stored) }
                position[axis] -= length
            }
            throw .unreadable("element \(element) lies outside of a view")
        }
    }

    private func place(at position: [Int], in stored: [Shape]) throws(AssayError) -> (tensor: Int, element: Int) {
        try place(of: zip(position, shape(of: stored).strides).reduce(0) { $0 + $1.0 * $1.1 }, in: stored)
    }

    /// A dense tensor of the elements that lie at these strides (in elements) of the source.
    private static func gather(
        _ source: Tensor, _ shape: Shape, _ strides: [Int], from start: Int
    ) throws(AssayError) -> Tensor {
        let size = source.type.byteCount
        let bytes = try source.bytes()
        // A copy takes the place of a mapped file's pages: both would be more than large checkpoints leave room for.
        defer { bytes.release() }
        let region = bytes.withUnsafeBytes { from in
            ByteRegion(count: shape.count * size) { to in
                guard let from = from.baseAddress, let to = to.baseAddress else { return }
                switch size {
                case 1: copyRows(from, to, shape, strides, start, as: UInt8.self)
                case 2: copyRows(from, to, shape, strides, start, as: UInt16.self)
                case 4: copyRows(from, to, shape, strides, start, as: UInt32.self)
                default: copyRows(from, to, shape, strides, start, as: UInt64.self)
                }
            }
        }
        return try Tensor(type: source.type, shape: shape, region: region)
    }

    /// Copies the rows along the last axis one after the other; the source may lie at any address.
    private static func copyRows<Element: BitwiseCopyable>(
        _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ shape: Shape, _ strides: [Int], _ start: Int,
        as _: Element.Type
    ) {
        if shape.rank == 2, strides[0] == 1 {
            return copyColumns(from, to, shape, strides[1], start, as: Element.self)
        }
        let size = MemoryLayout<Element>.size
        let outer = shape.extents.dropLast()
        let (length, stride) = (shape.extents.last ?? 1, (strides.last ?? 1) * size)
        var position = [Int](repeating: 0, count: outer.count)
        var source = from + start * size
        for row in 0..<outer.reduce(1, *) {
            let target = to + row * length * size
            if stride == size {
                target.copyMemory(from: source, byteCount: length * size)
            } else {
                for index in 0..<length {
                    let element = (source + index * stride).loadUnaligned(as: Element.self)
                    target.storeBytes(of: element, toByteOffset: index * size, as: Element.self)
                }
            }
            for axis in outer.indices.reversed() {
                position[axis] += 1
                source += strides[axis] * size
                if position[axis] < outer[axis] { break }
                source -= strides[axis] * outer[axis] * size
                position[axis] = 0
            }
        }
    }

    /// The transpose of a matrix, some of its columns at a time: what is read and what is written stay in the cache.
    private static func copyColumns<Element: BitwiseCopyable>(
        _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ shape: Shape, _ stride: Int, _ start: Int,
        as _: Element.Type
    ) {
        let size = MemoryLayout<Element>.size
        let (rows, length) = (shape[0], shape[1])
        for first in Swift.stride(from: 0, to: rows, by: 32) {
            for index in 0..<length {
                let source = from + (start + index * stride) * size
                for row in first..<min(first + 32, rows) {
                    let element = (source + row * size).loadUnaligned(as: Element.self)
                    to.storeBytes(of: element, toByteOffset: (row * length + index) * size, as: Element.self)
                }
            }
        }
    }

    private static func join(_ parts: [Tensor], _ axis: Int) throws(AssayError) -> Tensor {
        let shape = try joinedShape(parts.map(\.shape), axis)
        guard let first = parts.first, parts.allSatisfy({ $0.type == first.type }) else {
            throw .unreadable("cannot join tensors of different types")
        }
        let sources = try map(parts) { (part) throws(AssayError) in try part.bytes() }
        let rows = shape.extents[..<axis].reduce(1, *)
        let region = ByteRegion(count: shape.count * first.type.byteCount) { target in
            var offset = 0
            for row in 0..<rows {
                for source in sources {
                    let length = rows == 0 ? 0 : source.count / rows
                    source.withUnsafeBytes { bytes in
                        let part = UnsafeRawBufferPointer(rebasing: bytes[row * length..<(row + 1) * length])
                        UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + length]).copyMemory(from: part)
                    }
                    offset += length
                }
            }
        }
        return try Tensor(type: first.type, shape: shape, region: region)
    }
}
