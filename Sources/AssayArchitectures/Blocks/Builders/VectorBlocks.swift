// Vectors that a module owns by itself, and putting them before a sequence.

import AssayGraph
import AssayOperators
import AssayTensors

/// The vector itself: `[width]`.
enum VectorBlock: BlockBuilder {
    static let name = "vector"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] { try call.onlyParameter() }
}

/// The vectors themselves: `[1, rows, width]`.
enum VectorsBlock: BlockBuilder {
    static let name = "vectors"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] { try call.onlyParameter() }
}

extension BlockCall {
    /// The value of the block's only parameter, whatever the step calls it.
    fileprivate func onlyParameter() throws(AssayError) -> [ValueID] {
        guard let name = use.block.parameters.keys.first, let value = try parameter(name) else {
            throw .unreadable("the block \(use.block.name) has no parameter")
        }
        return [value]
    }
}

/// Operands: a sequence `[batch, sequence, width]`, and vectors `[1, rows, width]` that stand before it in every row of the
/// batch, the first of them at the front.
enum PrependBlock: BlockBuilder {
    static let name = "prepend"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let sequence = try call.operand(0)
        let extents = try call.add(ShapeOf(), sequence)
        let batch = try call.add(Gather(axis: 0), extents, call.integers([0]))
        let target = try call.add(Concatenate(axis: 0), batch, call.integers([1, 1]))
        var parts: [ValueID?] = []
        for index in call.operands.indices.dropFirst() {
            parts.append(try call.add(BroadcastTo(shape: []), call.operand(index), target))
        }
        return try call.addAll(Concatenate(axis: 1), parts + [sequence])
    }
}
