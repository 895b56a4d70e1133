// MultiHeadAttention: projections of query, key and value to heads, attention, and a projection back.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = merge(attention(split(query), split(key), split(value))), over any axes between batch and features.
struct MultiHeadAttentionLayer: KerasLayer {
    static let classNames = ["MultiHeadAttention"]

    private let heads: Int
    private let keyWidth: Int
    private let valueWidth: Int
    private let outputShape: [Int]?
    private let axes: [Int]?
    private let usesBias: Bool
    private let isGated: Bool
    private let window: Int?
    /// Whether training drops probabilities, which decides how Keras computes without training too.
    private let drops: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        heads = try configuration.count("num_heads")
        keyWidth = try configuration.count("key_dim")
        valueWidth = try configuration.count("value_dim", default: keyWidth)
        outputShape = try configuration.integers("output_shape", in: 1...KerasConfiguration.largestCount)
        axes = try configuration.integers("attention_axes")
        usesBias = try configuration.boolean("use_bias", default: true)
        isGated = try configuration.boolean("use_gate", default: false)
        window = configuration["sliding_window"] == nil ? nil : try configuration.count("sliding_window")
        drops = try configuration.number("dropout", default: 0) > 0
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let inputs = try AttentionInputs(call)
        let arrangement = try AttentionAxes(axes, rank: call.shape(of: inputs.query).count + 1, in: call)
        guard arrangement.hasOrder || !inputs.isCausal && window == nil else {
            throw call.configuration.unsupported("positions over several axes have no order for a causal mask")
        }
        let mask = try inputs.mask(in: call)
        if call.generation == .keras3 { removeMasks(of: inputs, in: call) }
        let query = try projection("query").split(inputs.query, heads: heads, width: keyWidth, in: call)
        let key = try projection("key").split(inputs.key, heads: heads, width: keyWidth, in: call)
        let gate = isGated ? try self.gate(inputs.query, in: call) : nil
        let value = try projection("value").split(inputs.value, heads: heads, width: valueWidth, in: call)
        let attention = Attention(
            scale: 1 / Double(keyWidth).squareRoot(), isCausal: inputs.isCausal, window: window,
            zeroesHiddenRows: try inputs.zeroesHiddenRows(drops: drops, in: call))
        var results = try attend(query, key, value, mask, attention, arrangement, call)
        if let gate { results[0] = try call.add(Binary(.multiply), results[0], gate) }
        let width = outputShape?.map { Dimension.known($0) } ?? [call.width(of: inputs.query)]
        results[0] = try HeadProjection(attribute: "output_dense", name: "attention_output", usesBias: usesBias)
            .merge(results[0], into: width, in: call)
        guard inputs.returnsScores else { return [results[0]] }
        results[1] = try arrangement.splitScores(
            results[1], query: call.shape(of: query), key: call.shape(of: key), in: call)
        return results
    }

    /// What each query gathers, in the query's axes, and the probabilities.
    private func attend(
        _ query: ValueID, _ key: ValueID, _ value: ValueID, _ mask: ValueID?, _ attention: Attention,
        _ arrangement: AttentionAxes, _ call: KerasCall
    ) throws(AssayError) -> [ValueID] {
        let (shape, keyShape) = (try call.shape(of: query), try call.shape(of: key))
        let visible = try mask.map { (mask) throws(AssayError) in
            try arrangement.merge(mask: mask, query: shape, key: keyShape, in: call)
        }
        let operands = [
            try arrangement.merge(query, in: call), try arrangement.merge(key, in: call),
            try arrangement.merge(value, in: call), visible,
        ]
        let results = try call.addAll(attention, operands)
        return [try arrangement.split(results[0], like: shape, in: call), results[1]]
    }

    private func projection(_ name: String) -> HeadProjection {
        HeadProjection(attribute: "\(name)_dense", name: name, usesBias: usesBias)
    }

    private func gate(_ query: ValueID, in call: KerasCall) throws(AssayError) -> ValueID {
        let gate = try projection("gate").split(query, heads: heads, width: valueWidth, in: call)
        return try call.add(Activation(.sigmoid), gate)
    }

    /// Keras 3 takes the masks off: whatever reads the same tensors later runs without.
    private func removeMasks(of inputs: AttentionInputs, in call: KerasCall) {
        for value in [inputs.query, inputs.value, inputs.key] { call.removeMask(of: value) }
    }
}
