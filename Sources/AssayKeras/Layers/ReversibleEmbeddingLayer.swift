// ReversibleEmbedding of Keras 3: rows of a table by token, and, called in reverse, scores of all tokens.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = embeddings[ids]; in reverse y = x · embeddingsᵀ, or with a kernel of its own, squashed into a bound.
struct ReversibleEmbeddingLayer: KerasLayer {
    static let classNames = ["ReversibleEmbedding"]

    private let embedding: EmbeddingLayer
    private let rows: Int
    private let width: Int
    private let tiesWeights: Bool
    private let softCap: Double?

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        embedding = try EmbeddingLayer(configuration)
        rows = try configuration.count("input_dim")
        width = try configuration.count("output_dim")
        tiesWeights = try configuration.boolean("tie_weights", default: true)
        softCap = configuration["logit_soft_cap"] == nil ? nil : try configuration.number("logit_soft_cap")
        if softCap == 0 { throw configuration.invalid("logit_soft_cap", expected: "a bound other than zero") }
    }

    var supportsMasking: Bool { true }

    /// Padding where ids are looked up; none on scores.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        isReversed(call) ? [] : try embedding.outputMasks(call, outputs: outputs, previous: previous)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let table = try call.weight("embeddings", [.known(rows), .known(width)])
        let own = tiesWeights ? nil : try call.weight("reverse_embeddings", [.known(width), .known(rows)])
        guard isReversed(call) else { return try embedding.call(call) }
        var scores = try call.add(Linear(kernelIsTransposed: own == nil), call.input(), own ?? table)
        if let softCap {
            let bound = call.scalar(softCap, like: scores)
            scores = try call.add(Activation(.tanh), call.add(Binary(.divide), scores, bound))
            scores = try call.add(Binary(.multiply), scores, bound)
        }
        return [scores]
    }

    private func isReversed(_ call: KerasCall) -> Bool { call.constant("reverse", at: 1)?.bool ?? false }
}
