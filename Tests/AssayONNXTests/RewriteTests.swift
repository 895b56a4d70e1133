// Rewrites: patterns become what they stand for, and no number changes beyond rounding.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import Testing

@testable import AssayONNX

@Suite struct RewriteTests {
    /// Checks that `builder` is raised to these operators, and computes the same before and after.
    private func check(_ builder: ModelBuilder, becomes names: [String], _ inputs: [String: Tensor]) throws {
        let (plain, raised) = (try builder.read(raises: false), try builder.read())
        #expect(raised.operatorNames == names)
        #expect(plain.operatorNames.count > names.count)
        let (before, after) = (try plain.result(inputs), try raised.result(inputs))
        #expect(before.count == after.count)
        for (a, b) in zip(before, after) { #expect(abs(a - b) <= 1e-7 * max(1, abs(a)), "\(a) became \(b)") }
    }

    /// A model whose input x is `[2, 3, 4]`, and numbers by name.
    private func model(_ numbers: [String: Float]) throws -> ModelBuilder {
        var builder = ModelBuilder(opset: 13)
        builder.input("x", .f32, [.symbolic("batch"), .symbolic("steps"), 4])
        for (name, number) in numbers { try builder.store(name, Tensor([number], shape: [])) }
        builder.output("y", .f32, [.symbolic("batch"), .symbolic("steps"), 4])
        return builder
    }

    private let x = Tensor((0..<24).map { Float(($0 * 7) % 11) / 4 - 1 }, shape: [2, 3, 4])
    private let weights = floats([0.5, 1, -2, 3])
    private let offsets = floats([1, 0, -1, 0.25])

    @Test func layerNormalizationOfPyTorch() throws {
        var builder = try model(["two": 2, "epsilon": 1e-5])
        try builder.store("gamma", weights)
        try builder.store("beta", offsets)
        let last = [ONNXAttributeProto.integers("axes", [-1])]
        builder.add("ReduceMean", ["x"], ["mean"], attributes: last)
        builder.add("Sub", ["x", "mean"], ["d"])
        builder.add("Pow", ["d", "two"], ["square"])
        builder.add("ReduceMean", ["square"], ["variance"], attributes: last)
        builder.add("Add", ["variance", "epsilon"], ["sum"])
        builder.add("Sqrt", ["sum"], ["root"])
        builder.add("Div", ["d", "root"], ["n"])
        builder.add("Mul", ["n", "gamma"], ["scaled"])
        builder.add("Add", ["scaled", "beta"], ["y"])
        try check(builder, becomes: ["LayerNormalization"], ["x": x])
    }

    @Test func layerNormalizationOfTensorFlow() throws {
        var builder = try model(["epsilon": 1e-3])
        try builder.store("gamma", weights)
        try builder.store("beta", offsets)
        let last = [ONNXAttributeProto.integers("axes", [2])]
        builder.add("ReduceMean", ["x"], ["mean"], attributes: last)
        builder.add("Sub", ["x", "mean"], ["d"])
        builder.add("Mul", ["d", "d"], ["square"])
        builder.add("ReduceMean", ["square"], ["variance"], attributes: last)
        builder.add("Add", ["variance", "epsilon"], ["sum"])
        builder.add("Sqrt", ["sum"], ["root"])
        builder.add("Reciprocal", ["root"], ["inverse"])
        builder.add("Mul", ["inverse", "gamma"], ["s"])
        builder.add("Mul", ["x", "s"], ["scaled"])
        builder.add("Mul", ["mean", "s"], ["moved"])
        builder.add("Sub", ["beta", "moved"], ["offset"])
        builder.add("Add", ["scaled", "offset"], ["y"])
        try check(builder, becomes: ["LayerNormalization"], ["x": x])
    }

    @Test func rootMeanSquareNormalization() throws {
        var builder = try model(["two": 2, "epsilon": 1e-6, "one": 1])
        try builder.store("scale", weights)
        builder.add("Pow", ["x", "two"], ["square"])
        builder.add("ReduceMean", ["square"], ["mean"], attributes: [.integers("axes", [-1])])
        builder.add("Add", ["mean", "epsilon"], ["sum"])
        builder.add("Sqrt", ["sum"], ["root"])
        builder.add("Div", ["one", "root"], ["inverse"])
        builder.add("Mul", ["x", "inverse"], ["n"])
        builder.add("Mul", ["scale", "n"], ["y"])
        try check(builder, becomes: ["RMSNormalization"], ["x": x])
    }

    @Test func geluByTheErrorFunction() throws {
        var builder = try model(["root": 1.4142135, "one": 1, "half": 0.5])
        builder.add("Div", ["x", "root"], ["u"])
        builder.add("Erf", ["u"], ["e"])
        builder.add("Add", ["e", "one"], ["gate"])
        builder.add("Mul", ["x", "gate"], ["product"])
        builder.add("Mul", ["product", "half"], ["y"])
        try check(builder, becomes: ["Activation"], ["x": x])
    }

    @Test func geluByTheHyperbolicTangent() throws {
        var builder = try model(["three": 3, "cubic": 0.044715, "factor": 0.7978846, "one": 1, "half": 0.5])
        builder.add("Pow", ["x", "three"], ["cube"])
        builder.add("Mul", ["cube", "cubic"], ["term"])
        builder.add("Add", ["x", "term"], ["sum"])
        builder.add("Mul", ["sum", "factor"], ["argument"])
        builder.add("Tanh", ["argument"], ["t"])
        builder.add("Add", ["t", "one"], ["gate"])
        builder.add("Mul", ["x", "half"], ["h"])
        builder.add("Mul", ["h", "gate"], ["y"])
        try check(builder, becomes: ["Activation"], ["x": x])
    }

    @Test func indicesThatCountFromTheEnd() throws {
        var builder = ModelBuilder(opset: 13)
        builder.input("ids", .i32, [.symbolic("batch"), 3])
        try builder.store("table", floats([1, 2, 3, 4, 5, 6, 7, 8], 4, 2))
        try builder.store("rows", Tensor([Int32(4)], shape: []))
        try builder.store("zero", Tensor([Float(0)], shape: []))
        builder.add("Cast", ["ids"], ["reals"], attributes: [.integer("to", 1)])
        builder.add("Less", ["reals", "zero"], ["negative"])
        builder.add("Not", ["negative"], ["positive"])
        builder.add("Cast", ["negative"], ["first"], attributes: [.integer("to", 6)])
        builder.add("Cast", ["positive"], ["second"], attributes: [.integer("to", 6)])
        builder.add("Add", ["ids", "rows"], ["moved"])
        builder.add("Mul", ["first", "moved"], ["a"])
        builder.add("Mul", ["ids", "second"], ["b"])
        builder.add("Add", ["a", "b"], ["indices"])
        builder.add("Gather", ["table", "indices"], ["y"])
        builder.output("y", .f32, [.symbolic("batch"), 3, 2])
        try check(builder, becomes: ["Embedding"], ["ids": Tensor([3, 0, 2] as [Int32], shape: [1, 3])])
        let ids = try RandomInputs(builder.read()).inputs(seed: 1)["ids"]
        #expect(try #require(ids).integers().contains { $0 > 1 }, "random ids go through the table")
    }

    @Test func otherConstantsAreLeftAlone() throws {
        var builder = try model(["root": 1.5, "one": 1, "half": 0.5])
        builder.add("Div", ["x", "root"], ["u"])
        builder.add("Erf", ["u"], ["e"])
        builder.add("Add", ["e", "one"], ["gate"])
        builder.add("Mul", ["x", "gate"], ["product"])
        builder.add("Mul", ["product", "half"], ["y"])
        #expect(try builder.read().operatorNames == builder.read(raises: false).operatorNames)
    }

    /// Two heads of two units, with scores as `mask` makes them.
    private func attention(_ mask: (inout ModelBuilder) throws -> Void) throws -> ModelBuilder {
        var builder = try model(["root": 1.4142135])
        try builder.store("split", integers(0, -1, 2, 2))
        try builder.store("join", integers(0, -1, 4))
        builder.add("Reshape", ["x", "split"], ["h"])
        builder.add("Transpose", ["h"], ["q"], attributes: [.integers("perm", [0, 2, 1, 3])])
        builder.add("Transpose", ["h"], ["k"], attributes: [.integers("perm", [0, 2, 3, 1])])
        builder.add("MatMul", ["q", "k"], ["products"])
        builder.add("Div", ["products", "root"], ["scaled"])
        try mask(&builder)
        builder.add("Softmax", ["scores"], ["p"], attributes: [.integer("axis", -1)])
        builder.add("MatMul", ["p", "q"], ["mixed"])
        builder.add("Transpose", ["mixed"], ["back"], attributes: [.integers("perm", [0, 2, 1, 3])])
        builder.add("Reshape", ["back", "join"], ["y"])
        return builder
    }

    @Test func attentionWithAnAddedMask() throws {
        let builder = try attention { builder in
            builder.input("mask", .f32, [.symbolic("batch"), 1, 1, .symbolic("steps")])
            builder.add("Add", ["scaled", "mask"], ["scores"])
        }
        let mask = Tensor([0, 0, -3.4e38, 0, -3.4e38, -3.4e38] as [Float], shape: [2, 1, 1, 3])
        try check(builder, becomes: ["Reshape", "Attention", "Reshape"], ["x": x, "mask": mask])
    }

    @Test func attentionWithAChosenMask() throws {
        let builder = try attention { builder in
            builder.input("mask", .bool, [.symbolic("batch"), 1, 1, .symbolic("steps")])
            try builder.store("least", Tensor([Float(-3.4e38)], shape: []))
            builder.add("Where", ["mask", "scaled", "least"], ["scores"])
        }
        let mask = Tensor([true, false, true, true, true, false], shape: [2, 1, 1, 3])
        try check(builder, becomes: ["Reshape", "Attention", "Reshape"], ["x": x, "mask": mask])
    }

    @Test func attentionWithAMaskOfHugeNumbers() throws {
        let builder = try attention { builder in
            builder.input("mask", .bool, [.symbolic("batch"), 1, 1, .symbolic("steps")])
            try builder.store("all", Tensor([Float(1)], shape: []))
            try builder.store("huge", Tensor([Float(-1e9)], shape: []))
            builder.add("Cast", ["mask"], ["seen"], attributes: [.integer("to", 1)])
            builder.add("Sub", ["all", "seen"], ["hidden"])
            builder.add("Mul", ["hidden", "huge"], ["bias"])
            builder.add("Add", ["scaled", "bias"], ["scores"])
        }
        let mask = Tensor([true, false, true, true, true, false], shape: [2, 1, 1, 3])
        try check(builder, becomes: ["Reshape", "Attention", "Reshape"], ["x": x, "mask": mask])
    }

    @Test func whatWasRaisedSaysWhatItWas() throws {
        var builder = try model(["root": 1.4142135, "one": 1, "half": 0.5])
        builder.add("Div", ["x", "root"], ["u"], name: "/act/Div")
        builder.add("Erf", ["u"], ["e"], name: "/act/Erf")
        builder.add("Add", ["e", "one"], ["gate"], name: "/act/Add")
        builder.add("Mul", ["x", "gate"], ["product"], name: "/act/Mul")
        builder.add("Mul", ["product", "half"], ["y"], name: "/act/Mul_1")
        let graph = try builder.read().requireGraph()
        let layer = try #require(graph.layer(at: "act"))
        let operators = try #require(graph[layer].configuration?["operators"]?.array)
        #expect(operators.first?["operator"]?.string == "Activation")
        let origins = operators.first?["from"]?.array?.compactMap(\.string) ?? []
        #expect(Set(origins) == ["Div /act/Div", "Erf /act/Erf", "Add /act/Add", "Mul /act/Mul", "Mul /act/Mul_1"])
    }
}
