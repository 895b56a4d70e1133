// Embedding: rows of a table by token, with a mask over padding where `mask_zero` says so.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = embeddings[ids].
struct EmbeddingLayer: KerasLayer {
    static let classNames = ["Embedding"]

    private let rows: Int
    private let width: Int
    private let masksZero: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        rows = try configuration.count("input_dim")
        width = try configuration.count("output_dim")
        masksZero = try configuration.boolean("mask_zero", default: false)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let table = try call.weight("embeddings", [.known(rows), .known(width)])
        return [try call.add(Embedding(), call.input(), table)]
    }

    /// Token 0 is padding. A mask that came in is not handed on.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        guard masksZero else { return [nil] }
        let ids = try call.input()
        return [try call.add(Compare(.notEqual), ids, call.scalar(0, like: ids))]
    }
}
