// Collecting over batches: the statistics are those of the recorded layers, and shards add up.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections
import Testing

@testable import AssayStatistics

@Suite("Statistics collector")
struct StatisticsCollectorTests {
    /// x `[batch, 3]` → ReLU → softmax, and a flattened view of the input.
    private func model() throws -> Model {
        var builder = GraphBuilder(rootClassName: "Functional")
        let x = builder.addInput(name: "x", fact: Fact(.f32, [.symbolic("batch"), 3]))
        func layer(_ name: String, _ operation: any Operation, _ operand: ValueID) throws -> ValueID {
            let layer = builder.addLayer(name: name, className: operation.name, in: builder.graph.root)
            let call = builder.beginCall(of: layer, inputs: [operand])
            let result = try builder.addOne(operation, operand)
            builder.endCall(call, outputs: [result])
            return result
        }
        let rectified = try layer("rectified", Activation(.relu()), x)
        let probabilities = try layer("probabilities", Softmax(axes: [-1]), rectified)
        builder.addOutput(name: "y", value: probabilities)
        return Model(
            name: "small", graph: builder.graph, parameters: [], tensors: [:],
            provenance: Provenance(dialect: "test", path: "small.h5"))
    }

    private let x = Tensor([1 as Float, -2, 3, 0.5, -1, 2, -3, -0.25, 8, 4, -5, 6], shape: [4, 3])

    @Test("what is gathered is what is recorded")
    func values() throws {
        let collector = try StatisticsCollector(model(), threads: .single)
        try collector.add(["x": x])
        let layers = collector.statistics.layers
        #expect(layers.map(\.subject.name) == ["rectified", "probabilities"])
        #expect(layers.map(\.subject.activation) == [.rectifier(upper: nil), .probabilities])
        let recorded = try ModelRunner(model()).run(["x": x], recordsLayers: true).layers
        for layer in layers {
            let values = try #require(recorded[layer.subject.name]).doubles()
            #expect(layer.count == values.count)
            #expect(layer.minimum == values.min() && layer.maximum == values.max())
            #expect(abs((layer.mean ?? 0) - values.reduce(0, +) / Double(values.count)) < 1e-15)
        }
        #expect(layers[0].channels?.dead == [1])
        #expect(layers[1].entropy?.rows == 4)
    }

    @Test("batches, and shards written and merged, give the statistics of the whole")
    func shards() throws {
        let whole = try StatisticsCollector(model(), threads: .single)
        try whole.add(["x": x], batchSize: 1)
        let half = try StatisticsCollector(model(), threads: .single)
        try half.add(["x": Tensor([1 as Float, -2, 3], shape: [1, 3])])
        let rest = try StatisticsCollector(model(), threads: .single)
        try rest.add(
            ["in/x": Tensor([0.5 as Float, -1, 2, -3, -0.25, 8, 4, -5, 6], shape: [3, 3])], batchSize: 1)
        var merged = try ModelStatistics(json: JSON(parsing: rest.statistics.json.prettyText))
        try merged.add(half.statistics)
        #expect(merged == whole.statistics)
        #expect(merged.batches == 4)
    }

    @Test("statistics of different models are not merged, other JSON is refused")
    func refusals() throws {
        var one = try StatisticsCollector(model()).statistics
        var other = one
        other.layers.removeLast()
        #expect(throws: AssayError.self) { try one.add(other) }
        #expect(throws: AssayError.self) { try ModelStatistics(json: ["format": "assay-graph", "version": 1]) }
        #expect(throws: AssayError.self) { try ModelStatistics(json: [1, 2]) }
    }
}
