// Attention and rotated features of opset 23: what the node tests of the onnx package do not have, symbolic numbers of steps.

import AssayGraph
import AssayTensors
import AssayTestSupport
import Testing

@testable import AssayONNX

@Suite struct AttentionTests {
    /// One head of width 1 over any number of steps, behind those of an earlier call.
    private func causal() -> ModelBuilder {
        var builder = ModelBuilder(opset: 23)
        for name in ["query", "key", "value"] { builder.input(name, .f32, [1, 1, .symbolic("steps"), 1]) }
        for name in ["past_key", "past_value"] { builder.input(name, .f32, [1, 1, .symbolic("past"), 1]) }
        builder.add(
            "Attention", ["query", "key", "value", "", "past_key", "past_value"], ["y", "all_keys", "all_values"],
            attributes: [.integer("is_causal", 1)])
        builder.output("y", .f32, [1, 1, .symbolic("steps"), 1])
        builder.output("all_values", .f32, [1, 1, .symbolic("all"), 1])
        return builder
    }

    @Test func queriesSeeEarlierStepsAndThoseUpToTheirOwn() throws {
        let zeros = floats([0, 0], 1, 1, 2, 1)
        let inputs = [
            "query": zeros, "key": zeros, "value": floats([3, 6], 1, 1, 2, 1), "past_key": floats([0], 1, 1, 1, 1),
            "past_value": floats([9], 1, 1, 1, 1),
        ]
        let model = try causal().read()
        // Where all scores are the same, the output is the mean of the values that are seen.
        #expect(try model.result(inputs) == [6, 6])
        #expect(try model.result(inputs, output: 1) == [9, 3, 6])
    }

    @Test func aQueryThatSeesNoKeyGathersZeros() throws {
        var builder = ModelBuilder(opset: 23)
        for name in ["query", "key", "value"] { builder.input(name, .f32, [1, .symbolic("steps"), 2]) }
        builder.input("mask", .bool, [.symbolic("steps"), .symbolic("steps")])
        builder.add(
            "Attention", ["query", "key", "value", "mask"], ["y"],
            attributes: [.integer("q_num_heads", 2), .integer("kv_num_heads", 2)])
        builder.output("y", .f32, [1, .symbolic("steps"), 2])
        let zeros = floats([0, 0, 0, 0], 1, 2, 2)
        let mask = Tensor([true, true, false, false], shape: [2, 2])
        let inputs = ["query": zeros, "key": zeros, "value": floats([1, 2, 3, 4], 1, 2, 2), "mask": mask]
        #expect(try builder.read().result(inputs) == [2, 3, 0, 0])
    }

    @Test(arguments: zip([0, 1], [[-3, -4, 1, 2], [-2, 1, -4, 3]]))
    func featuresAreTurned(isInterleaved: Int, expected: [Double]) throws {
        var builder = ModelBuilder(opset: 23)
        builder.input("x", .f32, [1, 1, .symbolic("steps"), 4])
        builder.input("positions", .i64, [1, .symbolic("steps")])
        // A quarter turn at position 1.
        try builder.store("cosines", floats([1, 1, 0, 0], 2, 2))
        try builder.store("sines", floats([0, 0, 1, 1], 2, 2))
        builder.add(
            "RotaryEmbedding", ["x", "cosines", "sines", "positions"], ["y"],
            attributes: [.integer("interleaved", isInterleaved)])
        builder.output("y", .f32, [1, 1, .symbolic("steps"), 4])
        let x = floats([1, 2, 3, 4, 1, 2, 3, 4], 1, 1, 2, 4)
        let inputs = ["x": x, "positions": Tensor([0, 1] as [Int64], shape: [1, 2])]
        #expect(try builder.read().result(inputs) == [1, 2, 3, 4] + expected)
    }
}
