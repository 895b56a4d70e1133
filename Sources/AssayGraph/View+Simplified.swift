// Views that follow one another as one, and views that are computed only when their elements are needed.

import AssayTensors

extension View {
    /// The same movement in as few steps as possible: two transpositions are one, one of two reshapes does, and what moves
    /// nothing is left out. So the way to one dialect and back is no movement at all.
    ///
    /// - Parameter stored: the shapes of the stored tensors.
    /// - Throws: `AssayError.unreadable` when the view does not fit them.
    public func simplified(for stored: [Shape]) throws(AssayError) -> View {
        switch self {
        case .stored: return self
        case .transposed(let view, let order):
            // Checks the order.
            _ = try shape(of: stored)
            var (inner, order) = (try view.simplified(for: stored), order)
            if case .transposed(let first, let before) = inner {
                inner = first
                order = order.map { before[$0] }
            }
            return order == Array(order.indices) ? inner : .transposed(inner, order)
        case .reshaped(let view, let extents):
            var inner = try view.simplified(for: stored)
            if case .reshaped(let first, _) = inner { inner = first }
            return try inner.shape(of: stored).extents == extents ? inner : .reshaped(inner, extents)
        case .sliced(let view, let axis, let start, let count):
            return .sliced(try view.simplified(for: stored), axis: axis, start: start, count: count)
        case .reversed(let view, let axis): return .reversed(try view.simplified(for: stored), axis: axis)
        case .concatenated(let views, let axis):
            var simplified: [View] = []
            for view in views { simplified.append(try view.simplified(for: stored)) }
            return .concatenated(simplified, axis: axis)
        }
    }

    /// The value, whose elements are moved only when they are read, so that writing a model holds few tensors at a time.
    ///
    /// - Throws: `AssayError.unreadable` when the view does not fit.
    public func deferred(over stored: [Tensor]) throws(AssayError) -> Tensor {
        if case .stored = self { return try apply(to: stored) }
        let shape = try shape(of: stored.map(\.shape))
        guard let type = stored.first?.type else { throw .unreadable("a view of no tensors") }
        return try Tensor(type: type, shape: shape, decoder: ViewDecoder(view: self, stored: stored, shape: shape))
    }
}

/// Moves the elements of a view when they are read: all at once, since any part may come from everywhere.
private struct ViewDecoder: TensorDecoder {
    let view: View
    let stored: [Tensor]
    let shape: Shape

    var byteCount: Int { shape.count * (stored.first?.type.byteCount ?? 0) }
    var preferredPartSize: Int { max(byteCount, 1) }

    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        try view.apply(to: stored).part(range).withUnsafeBytes { destination.copyMemory(from: $0) }
    }
}
