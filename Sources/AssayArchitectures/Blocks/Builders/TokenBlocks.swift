// What depends on which tokens stand where: the token that a classifier looks at, and the decoder's input made of the
// encoder's.

import AssayGraph
import AssayOperators
import AssayTensors

/// The last token before padding of `[batch, sequence, width]`, by the ids `[batch, sequence]`: `[batch, width]`. Where no
/// id says padding, and where the first token is padding, it is the last one (GPT2ForSequenceClassification).
enum LastTokenBlock: BlockBuilder {
    static let name = "last_token"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        guard let padding = try call.option("padding")?.integer else {
            return [try call.add(Gather(axis: 1), x, call.integer(-1))]
        }
        let isPadding = try call.matches(call.operand(1), padding)
        let first = try call.add(ArgReduce(largest: true, axis: -1, keepDimensions: true), isPadding)
        // Before the first padding; before the first of all is, counted from the end, the last.
        let last = try call.add(Binary(.subtract), first, call.integer(1))
        return [try call.add(GatherND(batchDimensions: 1), x, last)]
    }
}

/// The last place of `[batch, sequence, width]` where the ids `[batch, sequence]` are a given token: `[batch, width]`.
enum AtTokenBlock: BlockBuilder {
    static let name = "at_token"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let ids = try call.operand(1)
        guard let token = try call.option("token")?.integer else {
            throw .unreadable("the block at_token needs a token")
        }
        let places = try call.add(Binary(.multiply), call.matches(ids, token), call.places(in: ids))
        let last = try call.add(ArgReduce(largest: true, axis: -1, keepDimensions: true), places)
        return [try call.add(GatherND(batchDimensions: 1), call.operand(0), last)]
    }
}

/// Ids `[batch, sequence]` one place to the right behind a first token; what is -100 becomes padding, as in labels.
enum ShiftRightBlock: BlockBuilder {
    static let name = "shift_right"

    private static let ignoredLabel = -100

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let ids = try call.operand(0)
        guard let start = try call.option("start")?.integer, let padding = try call.option("padding")?.integer else {
            throw AssayError(.notRunnable, "the decoder's input cannot be made without its first token and padding")
        }
        let places = try call.places(in: ids)
        let before = try call.add(Binary(.subtract), places, call.integer(1))
        let shifted = try call.add(Gather(axis: 1), ids, before)
        let isFirst = try call.add(Compare(.equal), places, call.integer(0))
        let started = try call.add(Where(), isFirst, call.integer(start), shifted)
        let isIgnored = try call.add(Compare(.equal), started, call.integer(ignoredLabel))
        return [try call.add(Where(), isIgnored, call.integer(padding), started)]
    }
}

extension BlockCall {
    /// 1 where an id is `token`, else 0.
    fileprivate func matches(_ ids: ValueID, _ token: Int) throws(AssayError) -> ValueID {
        try add(Cast(.i64), add(Compare(.equal), ids, integer(token)))
    }
}
