// Runs: the same numbers whatever is shared, recorded, fed or threaded; and the fast path against the definition.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections
import Testing

@testable import AssayExecution

@Suite("Executors")
struct ExecutorTests {
    /// All wanted values of a run, as tensors.
    private func run<Scalar: FastScalar>(
        _ model: Model, _ plan: Plan, _ feeds: [ValueID: Tensor], as scalar: Scalar.Type, sharing: Bool = true,
        threads: Int = 1
    ) throws -> OrderedDictionary<ValueID, Tensor> {
        try FastExecutor<Scalar>(
            plan, parameters: PreparedParameters(model), threads: ThreadPool(threads: threads), sharesMemory: sharing
        ).values(feeds)
    }

    private func expectEqualBits(
        _ a: OrderedDictionary<ValueID, Tensor>, _ b: OrderedDictionary<ValueID, Tensor>,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(!a.isEmpty, sourceLocation: sourceLocation)
        for (value, tensor) in a {
            let other = try #require(b[value], sourceLocation: sourceLocation)
            #expect(try tensor.isBitEqual(to: other), sourceLocation: sourceLocation)
        }
    }

    @Test("memory that is used again never corrupts a value, and recording changes no number", arguments: 0..<20)
    func arena(seed: Int) throws {
        let model = try randomModel(seed: UInt64(seed), count: 60)
        let graph = try model.requireGraph()
        let feeds = [graph.inputs[0].value: normalTensor([64])]
        let all = graph.nodes.flatMap(\.results)
        let outputs = try Plan(graph, inputs: [[64]])
        let everything = try Plan(graph, inputs: [[64]], recording: all)
        let apart = try run(model, everything, feeds, as: Float.self, sharing: false)
        try expectEqualBits(run(model, everything, feeds, as: Float.self), apart)
        try expectEqualBits(run(model, outputs, feeds, as: Float.self), apart)
        try expectEqualBits(run(model, outputs, feeds, as: Float.self, threads: 2), apart)
    }

    @Test("the fast path is the definition: in Double to 1e-12, in Float to its own precision", arguments: 0..<10)
    func reference(seed: Int) throws {
        let model = try randomModel(seed: UInt64(seed), count: 30)
        let graph = try model.requireGraph()
        let feeds = [graph.inputs[0].value: normalTensor([64])]
        let plan = try Plan(graph, inputs: [[64]], recording: graph.nodes.flatMap(\.results))
        let oracle = try ReferenceExecutor(plan, model: model).values(feeds)
        let doubles = try run(model, plan, feeds, as: Double.self)
        let floats = try run(model, plan, feeds, as: Float.self)
        #expect(Array(oracle.keys) == Array(doubles.keys))
        for (value, expected) in oracle {
            let scale = expected.values.map(abs).max() ?? 0
            let double = try #require(doubles[value])
            let float = try #require(floats[value])
            let truth = try Tensor(copying: expected)
            #expect(try largestDifference(double, truth) <= 1e-12 * max(scale, 1))
            #expect(try largestDifference(float, truth) <= 1e-4 * max(scale, 1))
        }
    }

    @Test("one layer alone, fed what enters it, gives what it gives in the whole run, bit for bit")
    func subsets() throws {
        let model = try branchingModel()
        let graph = try model.requireGraph()
        let feeds = [graph.inputs[0].value: normalTensor([2, 6])]
        let plan = try Plan(graph, inputs: [[2, 6]], recording: graph.nodes.flatMap(\.results))
        let whole = try run(model, plan, feeds, as: Double.self).merging(feeds) { first, _ in first }
        for layer in graph.layerIDs.dropFirst() {
            let boundary = graph.boundary(of: layer, call: 0)
            let outputs = graph[layer].calls[0].outputs
            let alone = try Plan(graph, feeds: plan.shapes.filter { boundary.contains($0.key) }, wanted: outputs)
            #expect(alone.steps.count == 1)
            try expectEqualBits(
                run(model, alone, whole.filter { boundary.contains($0.key) }.asDictionary, as: Double.self), whole)
        }
    }

    @Test("a value in the middle may be fed another value, and stands for what was computed")
    func fedInTheMiddle() throws {
        let model = try branchingModel()
        let graph = try model.requireGraph()
        let scaled = try #require(graph.layer(at: "scaled").map { graph[$0].calls[0].outputs[0] })
        let plan = try Plan(
            graph, feeds: [scaled: [2, 4]], wanted: [scaled, graph.outputs[0].value])
        let zeros = Tensor([Float](repeating: 0, count: 8), shape: [2, 4])
        let values = try run(model, plan, [scaled: zeros], as: Float.self)
        #expect(try values[scaled]?.isBitEqual(to: zeros) ?? false)
        let bias = try model.value(of: model.parameters[3]).floats()
        #expect(try values[graph.outputs[0].value]?.floats() == bias + bias)
    }

    @Test("wanted inputs, aliases and parameters are recorded like any value")
    func recordsWithoutSteps() throws {
        let model = try branchingModel()
        let graph = try model.requireGraph()
        let x = normalTensor([2, 6])
        let kernel = try #require(graph.nodes[0].operands[1])
        let flat = graph.nodes[1].results[0]
        let hidden = graph.nodes[0].results[0]
        let plan = try Plan(graph, inputs: [[2, 6]], recording: [kernel, graph.inputs[0].value, flat, hidden])
        let values = try run(model, plan, [graph.inputs[0].value: x], as: Float.self)
        #expect(try values[graph.inputs[0].value]?.isBitEqual(to: x) ?? false)
        #expect(try values[kernel]?.isBitEqual(to: model.value(of: ParameterID(0))) ?? false)
        #expect(try values[flat]?.floats() == values[hidden]?.floats())
        #expect(values[flat]?.shape == [8])
    }

    @Test("wrong feeds are refused")
    func wrongFeeds() throws {
        let model = try branchingModel()
        let graph = try model.requireGraph()
        let executor = try FastExecutor<Float>(Plan(graph, inputs: [[2, 6]]), parameters: PreparedParameters(model))
        #expect(throws: AssayError.self) { try executor.values([:]) }
        #expect(throws: AssayError.self) { try executor.values([graph.inputs[0].value: normalTensor([3, 6])]) }
        let reference = try ReferenceExecutor(Plan(graph, inputs: [[2, 6]]), model: model)
        #expect(throws: AssayError.self) { try reference.values([graph.inputs[0].value: normalTensor([3, 6])]) }
    }
}

extension OrderedDictionary {
    /// The same pairs without an order.
    var asDictionary: [Key: Value] { Dictionary(uniqueKeysWithValues: map { ($0.key, $0.value) }) }
}
