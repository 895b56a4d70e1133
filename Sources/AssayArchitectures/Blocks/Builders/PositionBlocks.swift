// Positions, and which of them are padding.

import AssayGraph
import AssayOperators
import AssayTensors

/// 0, 1, 2, … for the tokens of the operand `[batch, sequence]`, from another number on where one is given: `[1, sequence]`,
/// or the same for each example, `[batch, sequence]`.
enum PositionsBlock: BlockBuilder {
    static let name = "positions"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        var positions = try call.places(in: call.operand(0))
        if try call.option("offset") != nil {
            positions = try call.add(Binary(.add), positions, call.integer(call.count("offset")))
        }
        positions = try call.add(ExpandDims(axes: [0]), positions)
        guard try call.flag("batched") else { return [positions] }
        return [try call.add(BroadcastTo(shape: []), positions, call.add(ShapeOf(), call.operand(0)))]
    }
}

extension BlockCall {
    /// 0, 1, 2, … for the tokens of a value `[batch, sequence, …]`: `[sequence]`.
    ///
    /// - Throws: `AssayError.unreadable` when it has no second axis.
    func places(in value: ValueID) throws(AssayError) -> ValueID {
        let length = try add(Gather(axis: 0), add(ShapeOf(), value), integer(1))
        return try add(NumberRange(), integer(0), length, integer(1))
    }
}

/// Positions that padding does not have, as RoBERTa counts them (`create_position_ids_from_input_ids`): from the operand
/// `[batch, sequence]`, ids, for each id that is not `padding` how many such there are up to it, plus `padding`; for padding
/// itself `padding`.
enum PaddedPositionsBlock: BlockBuilder {
    static let name = "padded_positions"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let ids = try call.operand(0)
        let padding = try call.scalar(call.number("padding"), like: ids)
        let isToken = try call.add(Cast(.i64), call.add(Compare(.notEqual), ids, padding))
        let count = try call.add(CumulativeSum(axis: 1), isToken)
        return [try call.add(Binary(.add), call.add(Binary(.multiply), count, isToken), padding)]
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
