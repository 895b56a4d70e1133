// Questions with several answers: each answer is an example of its own while the model runs.

import AssayGraph
import AssayOperators
import AssayTensors

/// The choices of all examples as one batch: each operand `[batch, choices, sequence]` becomes `[batch * choices, sequence]`.
enum FoldChoicesBlock: BlockBuilder {
    static let name = "fold_choices"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        var folded: [ValueID] = []
        for index in call.operands.indices {
            folded.append(try call.add(Reshape([.product(of: 0..<2), .copied(axis: 2)]), call.operand(index)))
        }
        return folded
    }
}

/// `[batch * choices, …]` as `[batch, choices, …]`, where the second operand is `[batch, choices, sequence]`.
enum UnfoldChoicesBlock: BlockBuilder {
    static let name = "unfold_choices"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let rank = try call.shape(of: x).count
        guard rank > 1 else { throw .unreadable("has no axes beside the batch", found: try call.shape(of: x).text) }
        let front = try call.add(Gather(axis: 0), call.add(ShapeOf(), call.operand(1)), call.integers([0, 1]))
        let rest = try call.add(Gather(axis: 0), call.add(ShapeOf(), x), call.integers(Array(1..<rank)))
        return [try call.add(Reshape([]), x, call.add(Concatenate(axis: 0), front, rest))]
    }
}
