// ScatterND: updates at positions of several axes.

import AssayGraph
import AssayTensors

/// y = x with slices updated at positions that the last axis of the indices holds; negative ones count from the end.
///
/// Operands: x, indices `[places…, depth]`, updates `[places…, …]` with the axes of x behind `depth` ones. Result: the
/// shape of x.
public struct ScatterND: Operator {
    /// The name in the JSON form.
    public static let name = "ScatterND"
    /// The formula.
    public static let formula = "y = x; y[indices[p…, 0], …, indices[p…, depth − 1], …] ← updates[p…, …]"
    /// What an update does to the element at its place.
    public var reduction: ScatterReduction

    /// Updates at positions.
    public init(reduction: ScatterReduction = .replace) { self.reduction = reduction }

    /// As the reduction is.
    public var exactness: Exactness { reduction.exactness }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        let indices = try require(operands, 1, "the indices")
        let updates = try require(operands, 2, "the updates")
        guard let shape = x.shape, let places = indices.shape else { return [Fact(x.type, x.shape)] }
        guard let depth = places.last?.value, depth <= shape.count else {
            throw mismatch("wrong indices", expected: "positions in \(shape.text)", found: places.text)
        }
        try requireShape(updates, places.dropLast() + shape[depth...], role: "updates")
        return [Fact(x.type, shape)]
    }

    private func outside(_ index: Double, _ extent: Int) -> AssayError {
        .usage("ScatterND: an index lies outside", expected: "\(-extent) to \(extent - 1)", found: "\(index)")
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (x, indices, updates) = (try given(operands, 0), try given(operands, 1), try given(operands, 2))
        let depth = indices.shape.last ?? 0
        let places = indices.shape.count - 1
        var y = x
        for number in updates.values.indices {
            let position = updates.position(number)
            var target: [Int] = []
            for component in 0..<depth {
                let value = indices[Array(position[..<places]) + [component]]
                let extent = x.shape[component]
                guard value >= Double(-extent), value < Double(extent) else { throw outside(value, extent) }
                target.append(value < 0 ? Int(value) + extent : Int(value))
            }
            let offset = y.offset(target + position[places...])
            y.values[offset] = reduction.combine(y.values[offset], updates.values[number])
        }
        return [y]
    }

    /// A copy of x, then one update a place, in order.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, indices, updates, y) = (call.operand(0), call.operand(1), call.operand(2), call.result())
        y.copy(y.count, from: x)
        let depth = indices.shape[indices.rank - 1]
        let strides = x.strides
        let length = x.shape[depth...].reduce(1, *)
        guard length > 0 else { return }
        for place in 0..<updates.count / length {
            var offset = 0
            for component in 0..<depth {
                let extent = x.shape[component]
                let at = place * depth + component
                guard let index = indices.integer(at: at), index >= -extent, index < extent else {
                    throw outside(indices.double(at: at), extent)
                }
                offset += index.axis(of: extent) * strides[component]
            }
            y.scatter(length, from: updates, at: place * length, to: offset, reduction)
        }
    }
}
