// GroupedQueryAttention of Keras 3: several heads of the query share a head of key and value.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = merge(attention(split(query), split(key), split(value))), with fewer heads of key and value.
struct GroupedQueryAttentionLayer: KerasLayer {
    static let classNames = ["GroupQueryAttention", "GroupedQueryAttention"]

    private let width: Int
    private let queryHeads: Int
    private let keyHeads: Int
    private let usesBias: Bool
    private let isGated: Bool
    private let window: Int?
    /// Whether training drops probabilities, which decides how Keras computes without training too.
    private let drops: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        width = try configuration.count("head_dim")
        queryHeads = try configuration.count("num_query_heads")
        keyHeads = try configuration.count("num_key_value_heads")
        usesBias = try configuration.boolean("use_bias", default: true)
        isGated = try configuration.boolean("use_gate", default: false)
        window = configuration["sliding_window"] == nil ? nil : try configuration.count("sliding_window")
        drops = try configuration.number("dropout", default: 0) > 0
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let inputs = try AttentionInputs(call)
        let axes = try AttentionAxes(nil, rank: 4, in: call)
        let query = try projection("query").split(inputs.query, heads: queryHeads, width: width, in: call)
        let key = try projection("key").split(inputs.key, heads: keyHeads, width: width, in: call)
        let gate = isGated ? try self.gate(inputs.query, in: call) : nil
        let value = try projection("value").split(inputs.value, heads: keyHeads, width: width, in: call)
        let (shape, keyShape) = (try call.shape(of: query), try call.shape(of: key))
        let mask = try inputs.mask(in: call).map { (mask) throws(AssayError) in
            try axes.merge(mask: mask, query: shape, key: keyShape, in: call)
        }
        let attention = Attention(
            scale: 1 / Double(width).squareRoot(), isCausal: inputs.isCausal, window: window,
            zeroesHiddenRows: try inputs.zeroesHiddenRows(drops: drops, in: call))
        let results = try call.addAll(attention, [query, key, value, mask])
        var heads = results[0]
        if let gate { heads = try call.add(Binary(.multiply), heads, gate) }
        let output = try HeadProjection(attribute: "output_dense", name: "attention_output", usesBias: usesBias)
            .merge(heads, into: [call.width(of: inputs.query)], in: call)
        return inputs.returnsScores ? [output, results[1]] : [output]
    }

    private func projection(_ name: String) -> HeadProjection {
        HeadProjection(attribute: "\(name)_dense", name: name, usesBias: usesBias)
    }

    private func gate(_ query: ValueID, in call: KerasCall) throws(AssayError) -> ValueID {
        let gate = try projection("gate").split(query, heads: queryHeads, width: width, in: call)
        return try call.add(Activation(.sigmoid), gate)
    }
}
