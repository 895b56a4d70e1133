// Scaled dot-product attention between projections.

import AssayGraph
import AssayOperators
import AssayTensors

/// What each query gathers, and the probabilities. Operands: query `[batch, target, heads * width]`, key and value
/// `[batch, source, key heads * width]`, a mask (true where a query may look) or none, a bias on the scores or none.
enum AttentionBlock: BlockBuilder {
    static let name = "attention"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let heads = try call.count("heads")
        let keyHeads = try call.count("key_heads", default: heads)
        let query = try split(try call.operand(0), heads, call)
        let key = try split(try call.operand(1), keyHeads, call)
        let value = try split(try call.operand(2), keyHeads, call)
        let width = try call.shape(of: query)[3].value ?? 1
        let attention = Attention(
            scale: try call.number("scale", default: 1 / Double(width).squareRoot()),
            isCausal: try call.flag("causal"),
            window: try call.option("window") == nil ? nil : call.count("window"),
            addsMasks: try call.flag("adds_masks"))
        let results = try call.addAll(
            attention, [query, key, value, call.operand(ifGiven: 3), call.operand(ifGiven: 4)])
        let merge = Reshape([.copied(axis: 0), .copied(axis: 1), .product(of: 2..<4)])
        return [try call.add(merge, results[0]), results[1]]
    }

    /// `[batch, sequence, heads * width]` as `[batch, sequence, heads, width]`; what has four axes stays.
    static func split(_ x: ValueID, _ heads: Int, _ call: BlockCall) throws(AssayError) -> ValueID {
        let shape = try call.shape(of: x)
        guard shape.count == 3 else { return x }
        guard let width = shape[2].value, width % heads == 0 else {
            throw .unreadable(
                "the width cannot be shared out among the heads", expected: "a multiple of \(heads)",
                found: shape[2].description)
        }
        return try call.add(Reshape([.copied(axis: 0), .copied(axis: 1), .fixed(heads), .fixed(width / heads)]), x)
    }
}
