// Steps of a sequence as items of a batch, and back: for layers that treat every step alike.

import AssayGraph
import AssayOperators
import AssayTensors

extension KerasCall {
    /// `[batch, time, …]` as `[batch · time, …]`.
    ///
    /// - Throws: `AssayError.unreadable` when there are no steps.
    func joinedSteps(_ x: ValueID) throws(AssayError) -> ValueID {
        let shape = try shape(of: x)
        guard shape.count >= 2 else { throw configuration.unsupported("needs steps, found \(shape.text)") }
        return try add(Reshape([.product(of: 0..<2)] + (2..<shape.count).map { .copied(axis: $0) }), x)
    }

    /// `[batch · time, …]` as `[batch, time, …]`, with the steps of `x`.
    func apartSteps(_ result: ValueID, as x: ValueID) throws(AssayError) -> ValueID {
        let rank = try shape(of: result).count
        let rest = (1..<max(rank, 1)).map { ReshapeExtent.copied(axis: $0) }
        if let time = try shape(of: x)[1].value { return try add(Reshape([.inferred, .fixed(time)] + rest), result) }
        // The number of steps is known when the model runs.
        let steps = try add(Slice(axes: [0], starts: [1], stops: [2], steps: [1]), add(ShapeOf(), x))
        let behind = try add(Slice(axes: [0], starts: [1], stops: [nil], steps: [1]), add(ShapeOf(), result))
        let inferred = constant(Tensor([Int64(-1)], shape: [1]))
        return try add(Reshape([]), result, add(Concatenate(axis: 0), inferred, steps, behind))
    }
}
