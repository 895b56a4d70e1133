// What single layers make of the shapes, masks and arguments that they are given, on models that these tests write.
// What they compute is held against Keras by the conformance tests.

import AssayGraph
import AssayKeras
import AssayOperators
import AssayTensors
import AssayTestSupport
import Testing

/// A layer with its arguments, and the shape that Keras gives its output.
struct LayerCase: CustomStringConvertible {
    var className: String
    var arguments: JSON
    var input: JSON
    var output: String

    init(_ className: String, _ arguments: JSON, _ input: JSON, _ output: String) {
        self.className = className
        self.arguments = arguments
        self.input = input
        self.output = output
    }

    var description: String { "\(className) \(arguments.text())" }

    static let shapes: [LayerCase] = [
        LayerCase("Conv1D", ["filters": 6, "kernel_size": [3], "padding": "causal"], [nil, 9, 4], "[batch, 9, 6]"),
        LayerCase(
            "Conv2D", ["filters": 5, "kernel_size": [3, 3], "padding": "same", "strides": [2, 2]], [nil, 7, 8, 4],
            "[batch, 4, 4, 5]"),
        LayerCase(
            "Conv2D", ["filters": 6, "kernel_size": 3, "groups": 2, "data_format": "channels_first"], [nil, 4, 7, 8],
            "[batch, 6, 5, 6]"),
        LayerCase(
            "Conv2DTranspose", ["filters": 3, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same"],
            [nil, 4, 5, 2], "[batch, 8, 10, 3]"),
        LayerCase("Cropping2D", ["cropping": [[1, 0], [2, 3]]], [nil, 7, 8, 4], "[batch, 6, 3, 4]"),
        LayerCase(
            "DepthwiseConv2D", ["kernel_size": [3, 3], "depth_multiplier": 2], [nil, 7, 8, 4], "[batch, 5, 6, 8]"),
        LayerCase("GRU", ["units": 3, "return_sequences": true], [nil, nil, 4], "[batch, sequence, 3]"),
        LayerCase("GlobalMaxPooling2D", ["keepdims": true], [nil, 7, 8, 4], "[batch, 1, 1, 4]"),
        LayerCase("LSTM", ["units": 3], [nil, 6, 4], "[batch, 3]"),
        LayerCase(
            "LSTM", ["units": 3, "time_major": true, "return_sequences": true], [6, nil, 4], "[6, sequence, 3]"),
        LayerCase("MaxPooling1D", ["pool_size": [3], "strides": nil], [nil, 9, 4], "[batch, 3, 4]"),
        LayerCase("PReLU", ["shared_axes": [1]], [nil, 9, 4], "[batch, 9, 4]"),
        LayerCase(
            "RNN",
            [
                "cell": [
                    "class_name": "StackedRNNCells",
                    "config": [
                        "cells": [
                            ["class_name": "LSTMCell", "config": ["units": 5, "name": "a"]],
                            ["class_name": "GRUCell", "config": ["units": 2, "name": "b"]],
                        ]
                    ],
                ]
            ], [nil, 6, 4], "[batch, 2]"),
        LayerCase(
            "SeparableConv2D", ["filters": 5, "kernel_size": [3, 3], "depth_multiplier": 2], [nil, 7, 8, 4],
            "[batch, 5, 6, 5]"),
        LayerCase("UpSampling2D", ["size": [2, 3]], [nil, 7, 8, 4], "[batch, 14, 24, 4]"),
        LayerCase("ZeroPadding1D", ["padding": [2, 1]], [nil, 9, 4], "[batch, 12, 4]"),
        LayerCase("ZeroPadding2D", ["padding": [1, 2]], [nil, 7, 8, 4], "[batch, 9, 12, 4]"),
    ]

    /// Arguments that no layer of the class can have.
    static let wrong: [LayerCase] = [
        LayerCase("Conv2D", ["filters": 5, "kernel_size": [3, 3, 3]], [nil, 7, 8, 4], ""),
        LayerCase("Conv2D", ["filters": 5, "kernel_size": 3, "padding": "diagonal"], [nil, 7, 8, 4], ""),
        LayerCase("Cropping2D", ["cropping": [[1, 2, 3], [0, 0]]], [nil, 7, 8, 4], ""),
        LayerCase("GRU", ["units": 0], [nil, 6, 4], ""),
        LayerCase("LSTM", ["units": 1_099_511_627_776], [nil, 6, 4], ""),
        LayerCase("RNN", [:], [nil, 6, 4], ""),
        LayerCase("UpSampling2D", ["size": [0, 3]], [nil, 7, 8, 4], ""),
        LayerCase("ZeroPadding2D", ["padding": [-1, 2]], [nil, 7, 8, 4], ""),
    ]

    /// Inputs that do not fit the arguments.
    static let misfits: [LayerCase] = [
        // More elements than an Int can count.
        LayerCase(
            "Conv3D",
            ["filters": 2_147_483_648, "kernel_size": [2_147_483_648, 2_147_483_648, 2_147_483_648]],
            [nil, 4, 4, 4, 4], ""),
        LayerCase("Conv2D", ["filters": 5, "kernel_size": 3, "groups": 3], [nil, 7, 8, 4], ""),
        LayerCase("Conv1D", ["filters": 5, "kernel_size": 3], [nil, 7, 8, 4], ""),
        LayerCase("Cropping1D", ["cropping": [5, 5]], [nil, 9, 4], ""),
        LayerCase("LSTM", ["units": 4], [nil, 6], ""),
        LayerCase("PReLU", ["shared_axes": [3]], [nil, 9, 4], ""),
    ]
}

@Suite struct LayerGraphTests {
    private let folder = TemporaryFolder()

    private func read(_ model: JSON) throws -> Model {
        try KerasReader.read(path: folder.write(Array(model.text().utf8), to: "model.json"))
    }

    private func graph(_ test: LayerCase) throws -> Graph { try #require(try read(model(of: test)).graph) }

    /// A model of one layer.
    private func model(of test: LayerCase) throws -> JSON {
        guard case .object(var arguments) = test.arguments else { throw AssayError.usage("no arguments") }
        arguments["name"] = "y"
        let input: JSON = [
            "class_name": "InputLayer", "config": ["batch_input_shape": test.input, "dtype": "float32", "name": "x"],
        ]
        let layer: JSON = ["class_name": .string(test.className), "config": .object(arguments)]
        return [
            "class_name": "Sequential", "keras_version": "2.15.0", "config": ["name": "m", "layers": [input, layer]],
        ]
    }

    @Test(arguments: LayerCase.shapes) func shapesAreThoseOfKeras(_ test: LayerCase) throws {
        let graph = try graph(test)
        #expect(graph.opaqueNodes.isEmpty)
        #expect(graph.outputs.map { graph[$0.value].fact.shape?.text } == [test.output])
    }

    @Test(arguments: LayerCase.wrong) func wrongArgumentsNameTheLayer(_ test: LayerCase) throws {
        let error = #expect(throws: AssayError.self) { try graph(test) }
        #expect(error?.code == .unreadable)
        #expect(error?.location.object?.hasPrefix("y") == true, "\(String(describing: error))")
    }

    /// What does not fit is a defect of the file; the rest of it can still be looked at.
    @Test(arguments: LayerCase.misfits) func inputsThatDoNotFitAreDefects(_ test: LayerCase) throws {
        let model = try read(model(of: test))
        #expect(model.defects.count == 1)
        #expect(model.graph?.opaqueNodes.count == 1)
    }

    @Test func statesAreOutputsOfTheirOwn() throws {
        let graph = try graph(LayerCase("LSTM", ["units": 3, "return_state": true], [nil, 6, 4], ""))
        let layer = try #require(graph.layers.first { $0.path == "y" })
        #expect(layer.calls[0].outputs.map { graph[$0].fact.shape?.text } == Array(repeating: "[batch, 3]", count: 3))
    }

    // MARK: Attention

    /// Tokens, their embedding with a mask, and two attentions over it.
    private func attentions(version: Int) -> JSON {
        let ids: JSON =
            version == 3
            ? ["batch_shape": [nil, 6], "dtype": "int32", "name": "ids"]
            : ["batch_input_shape": [nil, 6], "dtype": "int32", "name": "ids"]
        let tensor = { (name: JSON) -> JSON in
            ["class_name": "__keras_tensor__", "config": ["shape": [nil, 6], "keras_history": [name, 0, 0]]]
        }
        let one: JSON = version == 3 ? [["args": [tensor("ids")], "kwargs": [:]]] : [[["ids", 0, 0, [:]]]]
        let two: JSON =
            version == 3
            ? [["args": [tensor("e"), tensor("e")], "kwargs": [:]]] : [[["e", 0, 0, ["value": ["e", 0, 0]]]]]
        let embedding: JSON = ["input_dim": 9, "output_dim": 8, "mask_zero": true, "name": "e"]
        let attention = { (name: JSON) -> JSON in
            [
                "class_name": "MultiHeadAttention", "name": name, "inbound_nodes": two,
                "config": ["name": name, "num_heads": 2, "key_dim": 4],
            ]
        }
        return [
            "class_name": "Functional", "keras_version": .string("\(version).0.0"),
            "config": [
                "name": "m",
                "layers": [
                    ["class_name": "InputLayer", "name": "ids", "config": ids, "inbound_nodes": []],
                    ["class_name": "Embedding", "name": "e", "config": embedding, "inbound_nodes": one],
                    attention("first"), attention("second"),
                ],
                "input_layers": [["ids", 0, 0]], "output_layers": [["first", 0, 0], ["second", 0, 0]],
            ],
        ]
    }

    /// Keras 3 takes the mask off what an attention reads; Keras 2 leaves it.
    @Test(arguments: [2, 3]) func masksRideAsInKeras(_ version: Int) throws {
        let graph = try #require(try read(attentions(version: version)).graph)
        let masked = graph.nodes.filter { $0.operation is Attention }.map { $0.operands[3] != nil }
        #expect(masked == [true, version == 2])
    }

    /// A class of another package that bears the name has other arguments, and is not taken for Keras's.
    @Test func aCustomClassOfAFamiliarNameIsOpaque() throws {
        let graph = try graph(LayerCase("MultiHeadAttention", ["head_num": 4], [nil, 6, 8], ""))
        #expect(graph.opaqueNodes.count == 1)
    }
}
