// ScatterElements: updates of elements, each at its own index along an axis.

import AssayGraph
import AssayTensors

/// y = x with elements updated, each at its own index along an axis; negative ones count from the end.
///
/// Operands: x, indices with as many axes, updates of their shape. Result: the shape of x.
public struct ScatterElements: Operator {
    /// The name in the JSON form.
    public static let name = "ScatterElements"
    /// The formula.
    public static let formula = "y = x; y[…, indices[…, i, …], …] ← updates[…, i, …]"
    /// The axis that indices count along.
    public var axis: Int
    /// What an update does to the element at its place.
    public var reduction: ScatterReduction

    /// Updates along `axis`.
    public init(axis: Int, reduction: ScatterReduction = .replace) {
        self.axis = axis
        self.reduction = reduction
    }

    /// As the reduction is.
    public var exactness: Exactness { reduction.exactness }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        let indices = try require(operands, 1, "the indices")
        let updates = try require(operands, 2, "the updates")
        guard let shape = x.shape, let places = indices.shape else { return [Fact(x.type, x.shape)] }
        let axis = try resolve(axis: axis, rank: shape.count)
        guard places.count == shape.count else {
            throw mismatch("wrong indices", expected: "\(shape.count) axes", found: places.text)
        }
        for other in shape.indices where other != axis {
            if let count = places[other].value, let extent = shape[other].value, count > extent {
                throw mismatch("more indices than elements along axis \(other)", found: places.text)
            }
        }
        try requireShape(updates, places, role: "updates")
        return [Fact(x.type, shape)]
    }

    private func outside(_ index: Double, _ extent: Int) -> AssayError {
        .usage("ScatterElements: an index lies outside", expected: "\(-extent) to \(extent - 1)", found: "\(index)")
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (x, indices, updates) = (try given(operands, 0), try given(operands, 1), try given(operands, 2))
        let axis = axis.axis(of: x.shape.count)
        let extent = x.shape[axis]
        var y = x
        for number in updates.values.indices {
            let value = indices.values[number]
            guard value >= Double(-extent), value < Double(extent) else { throw outside(value, extent) }
            var target = updates.position(number)
            target[axis] = value < 0 ? Int(value) + extent : Int(value)
            let offset = y.offset(target)
            y.values[offset] = reduction.combine(y.values[offset], updates.values[number])
        }
        return [y]
    }

    /// A copy of x, then one update an index, in order.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, indices, updates, y) = (call.operand(0), call.operand(1), call.operand(2), call.result())
        y.copy(y.count, from: x)
        let axis = axis.axis(of: x.rank)
        let extent = x.shape[axis]
        let (inside, strides) = (indices.strides, x.strides)
        for number in 0..<updates.count {
            guard let index = indices.integer(at: number), index >= -extent, index < extent else {
                throw outside(indices.double(at: number), extent)
            }
            var offset = index.axis(of: extent) * strides[axis]
            for other in inside.indices where other != axis {
                offset += number / inside[other] % indices.shape[other] * strides[other]
            }
            y.scatter(1, from: updates, at: number, to: offset, reduction)
        }
    }
}
