// Arguments of layers: bounds, notations of activations and types, and what is unknown.

import AssayGraph
import AssayOperators
import AssayTensors
import Testing

@testable import AssayKeras

@Suite struct ConfigurationTests {
    @Test(arguments: [0, -3, 3.5, "3", 1e300, true, [3], nil, 9_000_000_000_000] as [JSON])
    func unitsMustBeACount(units: JSON) throws {
        let model = chain([["class_name": "Dense", "config": ["name": "d", "units": units]]])
        let error = #expect(throws: AssayError.self) { try readModel(model) }
        #expect(error?.location.object == "d")
        #expect(error?.message.contains("units") == true)
    }

    @Test func activationsAreReadInEveryNotation() throws {
        let notations: [JSON] = [
            "relu", ["class_name": "function", "config": "relu", "registered_name": "relu"],
            ["module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"],
            [
                "class_name": "ReLU",
                "config": ["name": "r", "max_value": nil, "negative_slope": 0.0, "threshold": 0.0],
            ],
        ]
        for notation in notations {
            let model = try readModel(
                chain([["class_name": "Activation", "config": ["name": "a", "activation": notation]]]))
            let node = try #require(model.graph?.nodes.first)
            #expect(node.operation as? Activation == Activation(.relu()), "\(notation)")
        }
    }

    /// hard_sigmoid changed with Keras 3.
    @Test func hardSigmoidIsThatOfTheGeneration() throws {
        let slopes: [(KerasGeneration, Double)] = [(.keras2, 0.2), (.keras3, 1 / 6)]
        for (generation, slope) in slopes {
            let entry: JSON = ["class_name": "Activation", "config": ["name": "a", "activation": "hard_sigmoid"]]
            let activation = try KerasConfiguration(entry, generation: generation).activation()
            guard case .function(let function) = activation else {
                Issue.record("a function of one element")
                continue
            }
            #expect(function == .hardSigmoid(slope: slope, offset: 0.5))
        }
    }

    @Test func anUnknownActivationIsNamedAndNotRun() throws {
        let model = try readModel(
            chain([["class_name": "Dense", "config": ["name": "d", "units": 2, "activation": "wobble"]]]))
        let opaque = model.graph?.nodes.compactMap { $0.operation as? Opaque }
        #expect(opaque?.map(\.className) == ["wobble"])
        #expect(model.parameters.count == 2)
    }

    @Test(arguments: [
        ("Lambda", "Lambda", ["function": ["YwAAAA==", nil, nil]] as JSON),
        ("Wobble", "Wobble", ["size": 3] as JSON),
        ("Dense", "company>Dense", ["units": 3] as JSON),
        ("MultiHeadAttention", "MultiHeadAttention", ["head_num": 3] as JSON),
    ])
    func unknownClassesAreOpaque(className: String, registered: String, config: JSON) throws {
        guard case .object(var members) = config else { return }
        members["name"] = "odd"
        let model = try readModel(
            chain([
                ["class_name": .string(className), "registered_name": .string(registered), "config": .object(members)],
                ["class_name": "Dense", "config": ["name": "after", "units": 2]],
            ]))
        let graph = try #require(model.graph)
        #expect(graph.opaqueNodes.map { graph[graph[$0].layer].path } == ["odd"])
        #expect(model.parameters.map(\.path) == ["after/kernel", "after/bias"])
    }

    @Test func typesComeFromDtypesAndPolicies() throws {
        let types: [(JSON, ElementType, ElementType)] = [
            ("float16", .f16, .f16), ("mixed_bfloat16", .f32, .bf16),
            (["class_name": "DTypePolicy", "config": ["name": "mixed_float16"]], .f32, .f16),
            (["class_name": "Policy", "config": ["name": "float64"]], .f64, .f64), (nil, .f32, .f32),
        ]
        for (dtype, variables, computes) in types {
            let configuration = try KerasConfiguration(
                ["class_name": "Dense", "config": ["name": "d", "dtype": dtype]], generation: .keras3)
            #expect(try configuration.variableType() == variables)
            #expect(try configuration.computeType() == computes)
        }
    }

    @Test func storedObjectsAreNamedByKerasRule() {
        let names = [
            "Dense": "dense", "MultiHeadAttention": "multi_head_attention", "GRU": "gru", "LSTMCell": "lstm_cell",
            "Conv2DTranspose": "conv2d_transpose", "GlobalAveragePooling1D": "global_average_pooling1d",
            "ReLU": "re_lu", "PReLU": "p_re_lu", "EinsumDense": "einsum_dense",
        ]
        for (className, name) in names { #expect(WeightScope.snakeCase(className) == name) }
    }

    /// A Sequential model of inputs `[batch, 4]`.
    private func chain(_ layers: [JSON]) -> JSON {
        [
            "class_name": "Sequential",
            "config": ["name": "chain", "layers": .array([input("x", [4])] + layers)],
        ]
    }
}
