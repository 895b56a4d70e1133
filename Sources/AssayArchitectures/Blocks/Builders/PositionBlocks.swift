// Positions, and which of them are padding.

import AssayGraph
import AssayOperators
import AssayTensors

/// 0, 1, 2, … for the tokens of the operand `[batch, sequence]`: `[1, sequence]`.
enum PositionsBlock: BlockBuilder {
    static let name = "positions"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let extents = try call.add(ShapeOf(), call.operand(0))
        let length = try call.add(Gather(axis: 0), extents, call.scalar(1, like: extents))
        let range = try call.add(
            NumberRange(), call.scalar(0, like: extents), length, call.scalar(1, like: extents))
        return [try call.add(ExpandDims(axes: [0]), range)]
    }
}

/// Whether each position is no padding, for every head and query: `[batch, 1, 1, sequence]`.
enum PaddingMaskBlock: BlockBuilder {
    static let name = "padding_mask"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let mask = try call.operand(0)
        let visible = try call.add(Compare(.notEqual), mask, call.scalar(0, like: mask))
        return [try call.add(ExpandDims(axes: [1, 2]), visible)]
    }
}
