// Attention and AdditiveAttention: one head over inputs as they are, without projections.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = softmax(scores(query, key)) · value; scores are dot products, or sums over tanh(query + key).
struct DotAttentionLayer: KerasLayer {
    static let classNames = ["AdditiveAttention", "Attention"]

    private let isAdditive: Bool
    private let isConcatenating: Bool
    private let usesScale: Bool
    private let isCausal: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        isAdditive = configuration.className == "AdditiveAttention"
        let mode = try configuration.string("score_mode", default: "dot")
        guard mode == "dot" || mode == "concat" else {
            throw configuration.invalid("score_mode", expected: "dot or concat")
        }
        isConcatenating = mode == "concat" && !isAdditive
        usesScale = try configuration.boolean("use_scale", default: isAdditive)
        // Early Keras 2 has the causal rule in the configuration.
        isCausal = try configuration.boolean("causal", default: false)
    }

    var supportsMasking: Bool { true }

    /// The query's mask.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        [masks(call).query]
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let inputs = call.inputs
        guard (2...3).contains(inputs.count) else {
            throw call.configuration.unsupported("takes a query, a value and perhaps a key")
        }
        let (query, value, key) = (inputs[0], inputs[1], inputs.count > 2 ? inputs[2] : inputs[1])
        let causal = isCausal || call.constant("use_causal_mask")?.bool ?? false
        let masks = masks(call)
        let visible = try masks.value.map { (mask) throws(AssayError) in
            try call.add(ExpandDims(axes: [1]), call.boolean(mask))
        }
        let results =
            isAdditive || isConcatenating
            ? try sums(query, key, value, visible, isCausal: causal, call)
            : try products(query, key, value, visible, isCausal: causal, call)
        var output = results[0]
        if let mask = masks.query {
            let factor = try call.add(Cast(call.fact(of: output).type), call.add(ExpandDims(axes: [2]), mask))
            output = try call.add(Binary(.multiply), output, factor)
        }
        return call.constant("return_attention_scores")?.bool ?? false ? [output, results[1]] : [output]
    }

    /// Scores are dot products: attention with one head.
    private func products(
        _ query: ValueID, _ key: ValueID, _ value: ValueID, _ visible: ValueID?, isCausal: Bool, _ call: KerasCall
    ) throws(AssayError) -> [ValueID] {
        let scaled = usesScale ? try call.add(Binary(.multiply), query, call.weight("scale", [])) : query
        let head = { (x: ValueID) throws(AssayError) in try call.add(ExpandDims(axes: [2]), x) }
        let mask = try visible.map { (mask) throws(AssayError) in try call.add(ExpandDims(axes: [1]), mask) }
        let results = try call.addAll(
            Attention(scale: 1, isCausal: isCausal), [head(scaled), head(key), head(value), mask])
        return [try call.add(Squeeze(axes: [2]), results[0]), try call.add(Squeeze(axes: [1]), results[1])]
    }

    /// Scores are sums over tanh(query + key).
    private func sums(
        _ query: ValueID, _ key: ValueID, _ value: ValueID, _ visible: ValueID?, isCausal: Bool, _ call: KerasCall
    ) throws(AssayError) -> [ValueID] {
        let scores = try self.scores(query, key, call)
        var mask = visible
        if isCausal {
            let all = Fill(shape: [.fixed(1), .copied(axis: 1), .copied(axis: 2)], value: 1, type: .bool)
            let earlier = try call.add(BandPart(lower: -1, upper: 0), call.add(all, scores))
            mask =
                try visible.map { (mask) throws(AssayError) in try call.add(Logical(.and), mask, earlier) } ?? earlier
        }
        let probabilities = try call.add(Softmax(axes: [-1]), scores, mask)
        return [try call.add(MatMul(), probabilities, value), probabilities]
    }

    /// Σ scale · tanh(query + key) over the features, `[batch, target, source]`. The scale is one for each feature; of the
    /// concatenating mode it is one number inside tanh, and the sum has a weight.
    private func scores(_ query: ValueID, _ key: ValueID, _ call: KerasCall) throws(AssayError) -> ValueID {
        let scale = usesScale ? try call.weight("scale", isAdditive ? [call.width(of: query)] : []) : nil
        let weight = isConcatenating ? try call.weight("concat_score_weight", []) : nil
        var sum = try call.add(
            Binary(.add), call.add(ExpandDims(axes: [2]), query), call.add(ExpandDims(axes: [1]), key))
        if let scale, isConcatenating { sum = try call.add(Binary(.multiply), sum, scale) }
        sum = try call.add(Activation(.tanh), sum)
        if let scale, isAdditive { sum = try call.add(Binary(.multiply), sum, scale) }
        let scores = try call.add(Reduce(.sum, axes: [-1], keepDimensions: false), sum)
        guard let weight else { return scores }
        return try call.add(Binary(.multiply), scores, weight)
    }

    /// The masks of query and value: those that are passed, or ride on them.
    private func masks(_ call: KerasCall) -> (query: ValueID?, value: ValueID?) {
        if case .list(let passed)? = call.arguments.argument("mask"), passed.count >= 2 {
            return (passed[0].tensor, passed[1].tensor)
        }
        let inputs = call.inputs
        guard inputs.count >= 2 else { return (nil, nil) }
        return (call.mask(of: inputs[0]), call.mask(of: inputs[1]))
    }
}
