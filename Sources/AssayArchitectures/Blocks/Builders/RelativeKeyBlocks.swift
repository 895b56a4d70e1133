// Positions by their distance, as Shaw et al. have them (2018, arXiv:1803.02155): `position_embedding_type` relative_key and
// relative_key_query of BERT and its kin in transformers.

import AssayGraph
import AssayOperators
import AssayTensors

/// i − j + offset for every pair of tokens of the operand `[batch, sequence]`: `[sequence, sequence]`.
enum RelativeDistancesBlock: BlockBuilder {
    static let name = "relative_distances"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let places = try PositionsBlock.build(&call)[0]
        let queries = try call.add(Transpose(order: [1, 0]), places)
        let distances = try call.add(Binary(.subtract), queries, places)
        let offset = try call.scalar(call.number("offset", default: 0), like: distances)
        return [try call.add(Binary(.add), distances, offset)]
    }
}

/// A bias on the scores of attention from vectors by distance. Operands: vectors `[target, source, width]`, query
/// `[batch, target, heads * width]`, key `[batch, source, heads * width]` or none. Result `[batch, heads, target, source]`:
/// the scaled products of each query, and of each key where it is given, with the vector between them.
enum RelativeScoresBlock: BlockBuilder {
    static let name = "relative_scores"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let heads = try call.count("heads")
        let vectors = try call.operand(0)
        let query = try AttentionBlock.split(try call.operand(1), heads, call)
        var scores = try call.add(Einsum(equation: "bthw,tsw->bhts"), query, vectors)
        if let key = call.operand(ifGiven: 2) {
            let key = try AttentionBlock.split(key, heads, call)
            scores = try call.add(
                Binary(.add), scores, call.add(Einsum(equation: "bshw,tsw->bhts"), key, vectors))
        }
        let width = try call.shape(of: query)[3].value ?? 1
        let scale = try call.number("scale", default: 1 / Double(width).squareRoot())
        return [try call.add(Binary(.multiply), scores, call.scalar(scale, like: scores))]
    }
}
