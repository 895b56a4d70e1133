// Masks ride on tensors as each generation of Keras carries them.

import AssayGraph
import AssayOperators
import AssayTensors
import Testing

@testable import AssayKeras

@Suite struct MaskTests {
    private let embedding: JSON = ["input_dim": 9, "output_dim": 4, "mask_zero": true]
    private let attention: JSON = ["num_heads": 2, "key_dim": 2]

    /// Whether the attention in the last layer of a model reads a mask.
    private func attentionIsMasked(_ model: Model) throws -> [Bool] {
        let nodes = try #require(model.graph).nodes.filter { $0.operation is Attention }
        return nodes.map { $0.operands.count > 3 && $0.operands[3] != nil }
    }

    @Test func keras2KeepsTheMaskThroughAddAndAttention() throws {
        let model = try readModel(
            functional(
                [
                    input("ids", [6], type: "int32"),
                    layer("Embedding", "emb", embedding, nodes: [[["ids", 0, 0, [:]]]]),
                    layer("MultiHeadAttention", "one", attention, nodes: [[["emb", 0, 0, ["value": ["emb", 0, 0]]]]]),
                    layer("Add", "sum", nodes: [[["emb", 0, 0, [:]], ["one", 0, 0, [:]]]]),
                    layer("MultiHeadAttention", "two", attention, nodes: [[["sum", 0, 0, ["value": ["sum", 0, 0]]]]]),
                ],
                inputs: [["ids", 0, 0]], outputs: [["two", 0, 0]]))
        #expect(try attentionIsMasked(model) == [true, true])
    }

    /// Keras 3's attention takes the mask off what it reads, so the residual has none, and the second block sees none.
    @Test func keras3LosesTheMaskAtTheFirstResidual() throws {
        let model = try readModel(
            functional(
                [
                    input("ids", [6], type: "int32", isModern: true),
                    layer("Embedding", "emb", embedding, nodes: [call([tensor("ids")])]),
                    layer("MultiHeadAttention", "one", attention, nodes: [call([tensor("emb"), tensor("emb")])]),
                    layer("Add", "sum", nodes: [call([[tensor("emb"), tensor("one")]])]),
                    layer("MultiHeadAttention", "two", attention, nodes: [call([tensor("sum"), tensor("sum")])]),
                ],
                inputs: ["ids", 0, 0], outputs: ["two", 0, 0]))
        #expect(try attentionIsMasked(model) == [true, false])
    }

    /// A normalisation makes a new tensor, from which attention takes the mask; the residual's stays.
    @Test func keras3KeepsTheMaskThroughAPreNormBlock() throws {
        let model = try readModel(
            functional(
                [
                    input("ids", [6], type: "int32", isModern: true),
                    layer("Embedding", "emb", embedding, nodes: [call([tensor("ids")])]),
                    layer("LayerNormalization", "norm", ["axis": -1], nodes: [call([tensor("emb")])]),
                    layer("MultiHeadAttention", "one", attention, nodes: [call([tensor("norm"), tensor("norm")])]),
                    layer("Add", "sum", nodes: [call([[tensor("emb"), tensor("one")]])]),
                    layer("MultiHeadAttention", "two", attention, nodes: [call([tensor("sum"), tensor("sum")])]),
                ],
                inputs: ["ids", 0, 0], outputs: ["two", 0, 0]))
        #expect(try attentionIsMasked(model) == [true, true])
    }

    /// A function of `keras.ops` makes a tensor without a mask; HDF5 tells it from the layer of its name by what it lacks.
    @Test func functionsDropTheMask() throws {
        let model = try readModel(
            functional(
                [
                    input("ids", [6], type: "int32", isModern: true),
                    layer("Embedding", "emb", embedding, nodes: [call([tensor("ids")])]),
                    function("Add", "plus", nodes: [call([tensor("emb"), 1.5])]),
                    layer("MultiHeadAttention", "one", attention, nodes: [call([tensor("plus"), tensor("plus")])]),
                ],
                inputs: ["ids", 0, 0], outputs: ["one", 0, 0]))
        #expect(try attentionIsMasked(model) == [false])
    }

    private func call(_ arguments: JSON) -> JSON { ["args": arguments, "kwargs": [:]] }
}
