// Configurations become graphs: calls in order, shared and nested models, and one clear error for what cannot be.

import AssayGraph
import AssayTensors
import Testing

@testable import AssayKeras

@Suite struct GraphTests {
    private let dense: JSON = ["units": 4, "activation": "relu"]

    @Test func aLayerCalledTwiceHasOneKernelAndTwoCalls() throws {
        let model = try readModel(
            functional(
                [
                    input("a", [4]), input("b", [4]),
                    layer("Dense", "shared", dense, nodes: [[["a", 0, 0, [:]]], [["b", 0, 0, [:]]]]),
                    layer("Add", "sum", nodes: [[["shared", 0, 0, [:]], ["shared", 1, 0, [:]]]]),
                ],
                inputs: [["a", 0, 0], ["b", 0, 0]], outputs: [["sum", 0, 0]]))
        let graph = try #require(model.graph)
        let shared = try #require(graph.layer(at: "shared"))
        #expect(graph[shared].calls.count == 2)
        #expect(graph[shared].parameters.count == 2)
        #expect(model.parameters.map(\.path) == ["shared/kernel", "shared/bias"])
        #expect(graph.outputs.map(\.name) == ["sum"])
    }

    /// Keras 2 counts the call by which a nested model was made; Keras 3 does not, except in `output_layers`.
    @Test func callsOfNestedModelsAreCountedAsTheGenerationDoes() throws {
        let old = functional(
            [input("x", [4]), layer("Dense", "inside", dense, nodes: [[["x", 0, 0, [:]]]])],
            inputs: [["x", 0, 0]], outputs: [["inside", 0, 0]], name: "inner")
        let oldModel = try readModel(
            functional(
                [input("a", [4]), nested(old, "inner", nodes: [[["a", 0, 0, [:]]]])],
                inputs: [["a", 0, 0]], outputs: [["inner", 1, 0]]))
        #expect(oldModel.graph?.layer(at: "inner/inside") != nil)
        let new = functional(
            [
                input("x", [4], isModern: true),
                layer("Dense", "inside", dense, nodes: [["args": [tensor("x")], "kwargs": [:]]]),
            ],
            inputs: ["x", 0, 0], outputs: ["inside", 0, 0], name: "inner")
        let newModel = try readModel(
            functional(
                [
                    input("a", [4], isModern: true),
                    nested(new, "inner", nodes: [["args": [tensor("a")], "kwargs": ["mask": nil]]]),
                    layer("Dense", "last", dense, nodes: [["args": [tensor("inner")], "kwargs": [:]]]),
                ],
                inputs: ["a", 0, 0], outputs: [["last", 0, 0], ["inner", 1, 0]]))
        #expect(newModel.graph?.outputs.map(\.name) == ["last", "inner"])
    }

    /// The number of an inner call is outer call × inner calls + inner call.
    @Test func callsOfALayerInASharedModelAreNumberedAcross() throws {
        let inner = functional(
            [
                input("x", [4]),
                layer("Dense", "twice", dense, nodes: [[["x", 0, 0, [:]]], [["twice", 0, 0, [:]]]]),
            ],
            inputs: [["x", 0, 0]], outputs: [["twice", 1, 0]], name: "inner")
        let model = try readModel(
            functional(
                [
                    input("a", [4]), input("b", [4]),
                    nested(inner, "inner", nodes: [[["a", 0, 0, [:]]], [["b", 0, 0, [:]]]]),
                ],
                inputs: [["a", 0, 0], ["b", 0, 0]], outputs: [["inner", 1, 0], ["inner", 2, 0]]))
        let graph = try #require(model.graph)
        let twice = try #require(graph.layer(at: "inner/twice"))
        let calls = graph[twice].calls
        #expect(calls.count == 4)
        #expect(calls[1].inputs == calls[0].outputs)
        #expect(calls[3].inputs == calls[2].outputs)
        #expect(graph.outputs.map(\.name) == ["inner", "inner_1"])
        #expect(graph.outputs.map(\.value) == [calls[1].outputs[0], calls[3].outputs[0]])
    }

    @Test func aSequentialModelWithoutAnInputTakesItsShapeFromTheFirstLayer() throws {
        let model = try readModel([
            "class_name": "Sequential",
            "config": [
                "name": "chain",
                "layers": [
                    ["class_name": "Dense", "config": ["name": "first", "units": 3, "batch_input_shape": [nil, 5]]],
                    ["class_name": "Dense", "config": ["name": "second", "units": 2]],
                ],
            ],
        ])
        #expect(model.graph?.inputs.map(\.name) == ["first_input"])
        #expect(model.parameters.map(\.shape.extents) == [[5, 3], [3], [3, 2], [2]])
    }

    @Test func tensorsPassedByNameReachTheLayer() throws {
        let model = try readModel(
            functional(
                [
                    input("a", [4]), input("b", [4]),
                    layer(
                        "TFOpLambda", "tf.math.add", ["function": "math.add"],
                        nodes: [["a", 0, 0, ["y": ["b", 0, 0], "name": nil]]]),
                    layer(
                        "TFOpLambda", "tf.math.multiply", ["function": "math.multiply"],
                        nodes: [["_CONSTANT_VALUE", -1, 2.0, ["y": ["tf.math.add", 0, 0], "name": nil]]]),
                ],
                inputs: [["a", 0, 0], ["b", 0, 0]], outputs: [["tf.math.multiply", 0, 0]]))
        #expect(model.graph?.nodes.count == 2)
        #expect(model.graph?.opaqueNodes.isEmpty == true)
    }

    // MARK: What cannot be

    @Test(
        arguments: [
            ("a cycle", [["two", 0, 0, [:]]]), ("no layer", [["nobody", 0, 0, [:]]]),
            ("no such call", [["x", 7, 0, [:]]]),
            ("no such result", [["x", 0, 3, [:]]]), ("a negative call", [["x", -1, 0, [:]]]), ("no tensor", [17]),
        ] as [(String, JSON)])
    func wrongReferencesAreOneError(what: String, node: JSON) throws {
        let model = functional(
            [
                input("x", [4]), layer("Dense", "one", dense, nodes: [node]),
                layer("Dense", "two", dense, nodes: [[["one", 0, 0, [:]]]]),
            ],
            inputs: [["x", 0, 0]], outputs: [["two", 0, 0]])
        let error = #expect(throws: AssayError.self) { try readModel(model) }
        #expect(error?.code == .unreadable)
        #expect(error?.location.object != nil, "\(what): \(error.map(String.init(describing:)) ?? "")")
    }

    @Test func twoLayersOfOneNameAreAnError() throws {
        let model = functional(
            [input("x", [4]), layer("Dense", "x", dense, nodes: [[["x", 0, 0, [:]]]])],
            inputs: [["x", 0, 0]], outputs: [["x", 0, 0]])
        #expect(throws: AssayError.self) { try readModel(model) }
    }

    /// Twenty models, each of which calls the one inside twice, would call two million layers.
    @Test func modelsThatMultiplyAreBounded() throws {
        var model = functional(
            [input("x", [4]), layer("Dense", "core", dense, nodes: [[["x", 0, 0, [:]]]])],
            inputs: [["x", 0, 0]], outputs: [["core", 0, 0]], name: "m0")
        for depth in 1...20 {
            model = functional(
                [
                    input("x", [4]),
                    nested(model, "inner", nodes: [[["x", 0, 0, [:]]], [["inner", 1, 0, [:]]]]),
                ],
                inputs: [["x", 0, 0]], outputs: [["inner", 2, 0]], name: .string("m\(depth)"))
        }
        let error = #expect(throws: AssayError.self) { try readModel(model) }
        #expect(error?.message.contains("too many layers") == true)
    }

    /// A chain of 20,000 layers needs no deep stack.
    @Test func longChainsAreRead() throws {
        let count = 20_000
        var layers = [input("x", [4])]
        // The last layer stands first in the file, so that every call waits for the next one.
        for index in (0..<count).reversed() {
            let source: JSON = index == 0 ? "x" : .string("d\(index - 1)")
            layers.append(layer("Dropout", "d\(index)", ["rate": 0.1], nodes: [[[source, 0, 0, [:]]]]))
        }
        let last = JSON.string("d\(count - 1)")
        let model = try readModel(functional(layers, inputs: [["x", 0, 0]], outputs: [[last, 0, 0]]))
        #expect(model.graph?.layers.count == count + 2)
    }

    private func nested(_ model: JSON, _ name: String, nodes: JSON) -> JSON {
        guard case .object(var members) = model, case .object(var config)? = members["config"] else { return .null }
        config["name"] = .string(name)
        members["config"] = .object(config)
        members["name"] = .string(name)
        members["inbound_nodes"] = nodes
        return .object(members)
    }
}
