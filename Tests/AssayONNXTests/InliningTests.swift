// Functions of a file, branches, loops and scans: their nodes stand in the graph, where that can be.

import AssayGraph
import AssayTensors
import Testing

@testable import AssayONNX

@Suite struct InliningTests {
    @Test func functionsAreBuiltInPlace() throws {
        var function = ONNXFunctionProto()
        function.name = "Part"
        function.domain = "local"
        function.input = ["a", "rest"]
        function.output = ["out"]
        function.attribute = ["axis"]
        function.node = [
            ModelBuilder.node(
                "Softmax", ["a"], ["s"], name: "Softmax", attributes: [.reference("axis", to: "axis")]),
            ModelBuilder.node("Add", ["s", "s"], ["out"], name: "Add"),
        ]
        var builder = ModelBuilder()
        builder.use(1, of: "local")
        builder.model.functions = [function]
        builder.input("x", .f32, [2, 2])
        builder.add("Part", ["x"], ["h"], name: "first", domain: "local", attributes: [.integer("axis", 0)])
        builder.add("Part", ["h"], ["y"], name: "second", domain: "local", attributes: [.integer("axis", 1)])
        builder.output("y", .f32, [2, 2])
        let model = try builder.read()
        #expect(model.operatorNames == ["Softmax", "Binary", "Softmax", "Binary"])
        #expect(model.graph?.layers.map(\.path) == ["", "first", "second"])
        #expect(try model.result(["x": floats([0, 5, 0, 5], 2, 2)]) == [1, 1, 1, 1])
    }

    @Test func functionsThatCallThemselvesAreRefused() throws {
        var function = ONNXFunctionProto()
        function.name = "Again"
        function.domain = "local"
        function.input = ["a"]
        function.output = ["out"]
        function.node = [ModelBuilder.node("Again", ["a"], ["out"], domain: "local")]
        var builder = ModelBuilder()
        builder.model.functions = [function]
        builder.input("x", .f32, [2])
        builder.add("Again", ["x"], ["y"], domain: "local")
        builder.output("y", .f32, [2])
        let error = #expect(throws: AssayError.self) { try builder.read() }
        #expect(error?.message.contains("too deep") == true)
    }

    /// Bodies of one node that see a name of the graph around them.
    private func body(_ name: String, _ type: String) -> ONNXGraphProto {
        var graph = ONNXGraphProto()
        graph.name = name
        graph.node = [ModelBuilder.node(type, ["x"], ["\(name)_out"])]
        graph.output = [ModelBuilder.value("\(name)_out", .f32, [2])]
        return graph
    }

    @Test func knownConditionsChooseTheirBranch() throws {
        for (condition, expected) in [(true, [-1.0, 2]), (false, [1.0, 2])] {
            var builder = ModelBuilder()
            builder.input("x", .f32, [2])
            try builder.store("condition", Tensor([condition], shape: []))
            builder.add(
                "If", ["condition"], ["y"],
                attributes: [
                    .graph("then_branch", body("then", "Identity")), .graph("else_branch", body("else", "Abs")),
                ])
            builder.output("y", .f32, [2])
            #expect(try builder.read().result(["x": floats([-1, 2])]) == expected)
        }
        var open = ModelBuilder()
        open.input("x", .f32, [2])
        open.input("condition", .bool, [])
        open.add(
            "If", ["condition"], ["y"],
            attributes: [.graph("then_branch", body("then", "Identity")), .graph("else_branch", body("else", "Abs"))])
        open.output("y", .f32, [2])
        #expect(try open.read().operatorNames == ["Opaque"])
    }

    @Test func loopsOfKnownLengthAreLaidOut() throws {
        var body = ONNXGraphProto()
        body.name = "body"
        body.input = [
            ModelBuilder.value("turn", .i64, []), ModelBuilder.value("going", .bool, []),
            ModelBuilder.value("sum", .f32, [2]),
        ]
        body.node = [
            ModelBuilder.node("Add", ["sum", "x"], ["next"], name: "/loop/Add"),
            ModelBuilder.node("Identity", ["going"], ["still"]),
        ]
        body.output = [
            ModelBuilder.value("still", .bool, []), ModelBuilder.value("next", .f32, [2]),
            ModelBuilder.value("next", .f32, [2]),
        ]
        var builder = ModelBuilder()
        builder.input("x", .f32, [2])
        try builder.store("turns", Tensor([Int64(3)], shape: []))
        builder.add("Loop", ["turns", "", "x"], ["last", "y"], attributes: [.graph("body", body)])
        builder.output("y", .f32, [3, 2])
        let model = try builder.read()
        #expect(try model.result(["x": floats([1, -1])]) == [2, -2, 3, -3, 4, -4])
        let graph = try model.requireGraph()
        #expect(graph.layer(at: "loop").map { graph[$0].calls.count } == 3)
    }
}
