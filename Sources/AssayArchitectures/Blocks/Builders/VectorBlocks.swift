// Vectors that a module owns, and putting them before a sequence.

import AssayGraph
import AssayOperators
import AssayTensors

/// The vectors themselves: `[1, rows, width]`.
enum VectorsBlock: BlockBuilder {
    static let name = "vectors"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        // The step says what its vectors are called.
        guard let name = call.use.block.parameters.keys.first, let vectors = try call.parameter(name) else {
            throw .unreadable("vectors need a name")
        }
        return [vectors]
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
