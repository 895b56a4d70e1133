// Whole networks of real operators through every way of running: the definition, Float and Double, one thread and two, whole
// and layer by layer.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections
import Testing

@testable import AssayExecution

@Suite("Networks")
struct NetworkTests {
    /// A post-norm Transformer encoder block over embedded ids with a padding mask.
    static func encoder() throws -> Model {
        var maker = ModelMaker()
        let root = maker.builder.graph.root
        let shape: [Dimension] = [.symbolic("batch"), .symbolic("time")]
        let ids = maker.builder.addInput(name: "ids", fact: Fact(.i32, shape))
        let mask = maker.builder.addInput(name: "mask", fact: Fact(.bool, shape))
        let layer = maker.builder.addLayer(name: "embedding", className: "Embedding", in: root)
        let call = maker.builder.beginCall(of: layer, inputs: [ids])
        let table = maker.parameter("table", [50, 96], in: layer)
        let x = try maker.builder.addOne(Embedding(), ids, table)
        maker.builder.endCall(call, outputs: [x])
        let attended = try attention(&maker, x, mask)
        let sum = try maker.layer("residual", Binary(.add), x, attended)[0]
        let normal = try maker.layer("norm", LayerNormalization(axes: [-1], epsilon: 1e-6), sum)[0]
        let wide = try maker.dense("wide", normal, 96, 384)
        let active = try maker.layer("gelu", Activation(.gelu(approximate: false)), wide)[0]
        let narrow = try maker.dense("narrow", active, 384, 96)
        let pooled = try maker.layer("pool", Reduce(.mean, axes: [1], keepDimensions: false), narrow)[0]
        let scores = try maker.dense("scores", pooled, 96, 5)
        maker.builder.addOutput(name: "y", value: try maker.layer("softmax", Softmax(axes: [-1]), scores)[0])
        return maker.model
    }

    /// Self-attention of four heads: one layer of eight nodes, its mask beside the declared input.
    private static func attention(_ maker: inout ModelMaker, _ x: ValueID, _ mask: ValueID) throws -> ValueID {
        let layer = maker.builder.addLayer(
            name: "attention", className: "MultiHeadAttention", in: maker.builder.graph.root)
        let call = maker.builder.beginCall(of: layer, inputs: [x])
        var heads: [ValueID] = []
        for role in ["query", "key", "value"] {
            let kernel = maker.parameter("\(role)/kernel", [96, 96], in: layer)
            let y = try maker.builder.addOne(Linear(), x, kernel)
            heads.append(
                try maker.builder.addOne(
                    Reshape([.copied(axis: 0), .copied(axis: 1), .fixed(4), .fixed(24)]), y))
        }
        let visible = try maker.builder.addOne(ExpandDims(axes: [1, 2]), mask)
        let results = try maker.builder.add(Attention(scale: 0.2), heads + [visible])
        let joined = try maker.builder.addOne(
            Reshape([.copied(axis: 0), .copied(axis: 1), .fixed(96)]), results[0])
        let kernel = maker.parameter("output/kernel", [96, 96], in: layer)
        let output = try maker.builder.addOne(Linear(), joined, kernel)
        maker.builder.endCall(call, outputs: [output])
        return output
    }

    /// An LSTM whose last state alone is taken, over a convolution.
    static func recurrent() throws -> Model {
        var maker = ModelMaker()
        let root = maker.builder.graph.root
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [.symbolic("batch"), .symbolic("time"), 6]))
        let convolution = maker.builder.addLayer(name: "convolution", className: "Conv1D", in: root)
        let first = maker.builder.beginCall(of: convolution, inputs: [x])
        let filters = maker.parameter("kernel", [3, 6, 10], in: convolution)
        let features = try maker.builder.addOne(
            Convolution(strides: [1], padding: .same, dilations: [1], groups: 1, channelsFirst: false), x, filters)
        maker.builder.endCall(first, outputs: [features])
        let lstm = maker.builder.addLayer(name: "lstm", className: "LSTM", in: root)
        let second = maker.builder.beginCall(of: lstm, inputs: [features])
        let kernel = maker.parameter("kernel", [10, 32], in: lstm)
        let recurrent = maker.parameter("recurrent_kernel", [8, 32], in: lstm)
        let bias = maker.parameter("bias", [32], in: lstm)
        let results = try maker.builder.add(LSTM(), [features, kernel, recurrent, bias])
        maker.builder.endCall(second, outputs: [results[1]])
        maker.builder.addOutput(name: "y", value: try maker.dense("dense", results[1], 8, 3))
        return maker.model
    }

    static let models: [@Sendable () throws -> Model] = [encoder, recurrent]

    /// Inputs of 2 × 70 steps, enough for products to be shared out.
    private func inputs(_ model: Model) throws -> [ValueID: Tensor] {
        let graph = try model.requireGraph()
        var generator = RandomGenerator(seed: 11)
        var feeds: [ValueID: Tensor] = [:]
        for port in graph.inputs {
            switch graph[port.value].fact.type {
            case .bool: feeds[port.value] = Tensor((0..<140).map { $0 % 70 < 50 }, shape: [2, 70])
            case .i32:
                feeds[port.value] = Tensor(
                    (0..<140).map { _ in Int32(generator.integer(below: 50)) }, shape: [2, 70])
            default: feeds[port.value] = normalTensor([2, 70, 6])
            }
        }
        return feeds
    }

    private func plan(_ model: Model, _ feeds: [ValueID: Tensor]) throws -> Plan {
        let graph = try model.requireGraph()
        return try Plan(graph, feeds: feeds.mapValues(\.shape), wanted: graph.nodes.map { $0.results[0] })
    }

    private func run<Scalar: FastScalar>(
        _ model: Model, _ plan: Plan, _ feeds: [ValueID: Tensor], _ scalar: Scalar.Type, threads: Int = 1
    ) throws -> OrderedDictionary<ValueID, Tensor> {
        let pool = ThreadPool(threads: threads)
        return try FastExecutor<Scalar>(plan, parameters: PreparedParameters(model), threads: pool).values(feeds)
    }

    @Test("Double is within 1e-10 of the definition, Float within its own rounding", arguments: models.indices)
    func precisions(index: Int) throws {
        let model = try NetworkTests.models[index]()
        let feeds = try inputs(model)
        let plan = try plan(model, feeds)
        let oracle = try ReferenceExecutor(plan, model: model).values(feeds)
        let doubles = try run(model, plan, feeds, Double.self)
        let floats = try run(model, plan, feeds, Float.self)
        for (value, truth) in oracle {
            let scale = max(1, truth.values.map(abs).max() ?? 0)
            let expected = try Tensor(copying: truth)
            #expect(try largestDifference(#require(doubles[value]), expected) <= 1e-10 * scale)
            #expect(try largestDifference(#require(floats[value]), expected) <= 1e-4 * scale)
        }
    }

    @Test("the number of threads changes no bit", arguments: models.indices)
    func threads(index: Int) throws {
        let model = try NetworkTests.models[index]()
        let feeds = try inputs(model)
        let plan = try plan(model, feeds)
        let one = try run(model, plan, feeds, Float.self)
        for threads in [2, 5] {
            for (value, tensor) in try run(model, plan, feeds, Float.self, threads: threads) {
                #expect(try tensor.isBitEqual(to: #require(one[value])))
            }
        }
    }

    @Test("no example, and no step, are as good as any number of them", arguments: models.indices, [[0, 7], [2, 0]])
    func empty(index: Int, extents: [Int]) throws {
        let model = try NetworkTests.models[index]()
        let graph = try model.requireGraph()
        var feeds: [ValueID: Tensor] = [:]
        for port in graph.inputs {
            let fact = graph[port.value].fact
            let shape = Shape(extents + (fact.shape ?? []).dropFirst(2).compactMap(\.value))
            feeds[port.value] = try Tensor(type: fact.type, shape: shape, region: ByteRegion([]))
        }
        let plan = try plan(model, feeds)
        let oracle = try ReferenceExecutor(plan, model: model).values(feeds)
        let floats = try run(model, plan, feeds, Float.self)
        for (value, truth) in oracle {
            let found = try #require(floats[value])
            #expect(found.shape.extents == truth.shape)
            #expect(try found.doubles().map(\.isNaN) == truth.values.map(\.isNaN))
        }
    }

    @Test("layers alone, fed from the whole run, give the same bits; masks are fed beside the declared inputs")
    func isolation() throws {
        let model = try NetworkTests.encoder()
        let graph = try model.requireGraph()
        let feeds = try inputs(model)
        let plan = try plan(model, feeds)
        let whole = try run(model, plan, feeds, Double.self).merging(feeds) { first, _ in first }
        for layer in graph.layerIDs.dropFirst() {
            let outputs = graph[layer].calls[0].outputs
            var given: [ValueID: Tensor] = [:]
            for value in graph.boundary(of: layer, call: 0) {
                let tensor = try #require(whole[value])
                given[value] = tensor
            }
            if graph[layer].path == "attention" { #expect(given[graph.inputs[1].value] != nil) }
            let alone = try Plan(graph, feeds: given.mapValues(\.shape), wanted: outputs)
            let values = try run(model, alone, given, Double.self)
            let expected = try #require(whole[outputs[0]])
            #expect(try #require(values[outputs[0]]).isBitEqual(to: expected))
        }
    }

    @Test("a tiny nudge of every parameter and constant moves every layer a little")
    func nudged() throws {
        let model = try NetworkTests.encoder()
        let feeds = try inputs(model)
        let plan = try plan(model, feeds)
        let plain = try run(model, plan, feeds, Double.self)
        let nudge = PreparedParameters<Double>.Adjustment(isElementwise: true) { _, _, _, values in
            for index in values.indices { values[index] *= 1 + 0x1p-24 }
        }
        let nudged = PreparedParameters<Double>(model, adjust: nudge)
        let moved = try FastExecutor<Double>(plan, parameters: nudged).values(feeds)
        for (value, tensor) in plain where !plan.steps.contains(where: { $0.results[0] == value && $0.isAlias }) {
            guard tensor.type == .f64 else { continue }
            let difference = try largestDifference(tensor, #require(moved[value]))
            #expect(difference > 0 && difference < 1e-5)
        }
    }
}
