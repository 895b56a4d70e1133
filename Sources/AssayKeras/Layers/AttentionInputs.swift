// What attention layers are called with: query, value and key, and the masks that meet there.

import AssayGraph
import AssayOperators
import AssayTensors

/// The arguments of one call of MultiHeadAttention or GroupedQueryAttention.
struct AttentionInputs {
    /// What attends, `[batch, target, features]`.
    let query: ValueID
    /// What is attended to, `[batch, source, features]`.
    let value: ValueID
    /// By what it is found; the value unless it is given.
    let key: ValueID
    /// Whether a query sees no later key.
    let isCausal: Bool
    /// Whether the probabilities are a second output.
    let returnsScores: Bool
    /// The paddings of query, value and key, `[batch, steps]`.
    private let paddings: (query: ValueID?, value: ValueID?, key: ValueID?)
    /// The mask that is passed, `[batch, target, source]`.
    private let passed: ValueID?

    /// The arguments of `call`. Padding masks ride on the tensors; Keras 3 also takes them as arguments.
    ///
    /// - Throws: `AssayError.unreadable` when there is no query or no value, or they cannot go together.
    init(_ call: KerasCall) throws(AssayError) {
        guard let query = call.tensor("query", at: 0), let value = call.tensor("value", at: 1) else {
            throw call.configuration.unsupported("takes a query and a value")
        }
        let passedKey = call.tensor("key", at: 2)
        let ranks = [
            try call.shape(of: query).count, try call.shape(of: value).count,
            try call.shape(of: passedKey ?? value).count,
        ]
        guard ranks.allSatisfy({ $0 == ranks[0] }) else {
            throw call.configuration.unsupported("takes query, value and key of as many axes, and not of \(ranks)")
        }
        self.query = query
        self.value = value
        key = passedKey ?? value
        // Keras 3 has three masks more between key and attention_mask.
        let place = call.generation == .keras3 ? 6 : 3
        passed = call.tensor("attention_mask", at: place)
        returnsScores = call.constant("return_attention_scores", at: place + 1)?.bool ?? false
        isCausal = call.constant("use_causal_mask", at: place + 3)?.bool ?? false
        paddings = (
            call.tensor("query_mask") ?? call.mask(of: query), call.tensor("value_mask") ?? call.mask(of: value),
            call.tensor("key_mask") ?? passedKey.flatMap { call.mask(of: $0) }
        )
    }

    /// Whether a query from which every key is hidden gathers zeros: in Keras 3, where its own softmax is at work, and not the
    /// backend's attention. That is so for probabilities that are asked for or dropped, and for inputs of more axes.
    func zeroesHiddenRows(drops: Bool, in call: KerasCall) throws(AssayError) -> Bool {
        guard call.generation == .keras3 else { return false }
        let rank = try call.shape(of: query).count
        return drops || returnsScores || rank != 3
    }

    /// All masks as one, broadcastable to `[batch, target, source]`; nil where there are none.
    func mask(in call: KerasCall) throws(AssayError) -> ValueID? {
        var masks: [ValueID] = []
        if let query = paddings.query {
            masks.append(try call.add(ExpandDims(axes: [-1]), call.boolean(query)))
        }
        if let value = paddings.value {
            masks.append(try call.add(ExpandDims(axes: [-2]), call.boolean(value)))
        }
        if let key = paddings.key, key != paddings.value {
            masks.append(try call.add(ExpandDims(axes: [-2]), call.boolean(key)))
        }
        if let passed { masks.append(try call.boolean(passed)) }
        guard var mask = masks.first else { return nil }
        for other in masks.dropFirst() { mask = try call.add(Logical(.and), mask, other) }
        return mask
    }
}

extension KerasCall {
    /// A value as booleans: true where it is not zero.
    func boolean(_ value: ValueID) throws(AssayError) -> ValueID {
        fact(of: value).type == .bool ? value : try add(Cast(.bool), value)
    }
}
