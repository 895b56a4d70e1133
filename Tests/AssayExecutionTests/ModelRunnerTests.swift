// Running by names: which tensor is which input, what layers are called, what is made up.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections
import Testing

@testable import AssayExecution

@Suite("Model runner")
struct ModelRunnerTests {
    /// y = a + 2 b, where `twice` is called two times.
    private func sharedModel() throws -> Model {
        var maker = ModelMaker()
        let a = maker.builder.addInput(name: "a", fact: Fact(.f32, [.symbolic("batch"), 2]))
        let b = maker.builder.addInput(name: "b", fact: Fact(.f32, [.symbolic("batch"), 2]))
        let twice = maker.builder.addLayer(name: "twice", className: "Scaled", in: maker.builder.graph.root)
        var results: [ValueID] = []
        for x in [a, b] {
            let call = maker.builder.beginCall(of: twice, inputs: [x])
            let y = try maker.builder.addOne(Scaled(factor: 2), x)
            maker.builder.endCall(call, outputs: [y])
            results.append(y)
        }
        let pair = maker.builder.addLayer(name: "pair", className: "Pair", in: maker.builder.graph.root)
        let call = maker.builder.beginCall(of: pair, inputs: results)
        let both = try maker.builder.add(Backwards(), [results[1]])
        maker.builder.endCall(call, outputs: both)
        maker.builder.addOutput(name: "y", value: try maker.layer("sum", Sum(), a, results[1])[0])
        return maker.model
    }

    private let a = Tensor([1 as Float, 2], shape: [1, 2])
    private let b = Tensor([10 as Float, 20], shape: [1, 2])

    @Test("inputs are found by name, by index, or in order, and other entries are ignored")
    func binding() throws {
        let runner = try ModelRunner(sharedModel(), threads: .single)
        let ways: [OrderedDictionary<String, Tensor>] = [
            ["a": a, "b": b], ["b": b, "a": a], ["in/b": b, "in/a": a], ["in/0": a, "in/1": b], ["0": a, "b": b],
            ["first": a, "second": b], ["in/a": a, "in/b": b, "out/y": b, "layer/twice": b],
        ]
        for way in ways { #expect(try runner.run(way).outputs["y"]?.floats() == [21, 42]) }
        let integers = try runner.run([
            "a": Tensor([1 as Int32, 2], shape: [1, 2]), "b": Tensor([10.0, 20], shape: [1, 2]),
        ])
        #expect(try integers.outputs["y"]?.floats() == [21, 42])
    }

    @Test("recorded outputs are found by name, by index, or all in order where names say nothing and shapes fit")
    func recordedOutputs() throws {
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [.symbolic("batch"), 2]))
        maker.builder.addOutput(name: "Identity:0", value: x)
        maker.builder.addOutput(name: "Identity_1:0", value: x)
        let graph = maker.model.graph ?? maker.builder.graph
        let (fitting, other): (Shape, Shape) = ([7, 2], [7, 3])
        #expect(OutputBinding.names(["dense": fitting, "sum": fitting], for: graph) == ["dense", "sum"])
        #expect(OutputBinding.names(["1": fitting, "0": fitting], for: graph) == ["0", "1"])
        #expect(OutputBinding.names(["Identity_1:0": fitting, "sum": fitting], for: graph) == [nil, "Identity_1:0"])
        #expect(OutputBinding.names(["dense": fitting, "sum": other], for: graph) == [nil, nil])
        #expect(OutputBinding.names(["dense": fitting], for: graph) == [nil, nil])
    }

    @Test("what does not fit is a usage error that lists what the model wants")
    func wrongInputs() throws {
        let runner = try ModelRunner(sharedModel())
        let wrong: [OrderedDictionary<String, Tensor>] = [
            [:], ["a": a], ["a": a, "b": b, "c": b], ["a": a, "b": Tensor([1.0], shape: [1])],
            ["x": a, "y": Tensor([1.0, 2, 3], shape: [1, 3])],
        ]
        for inputs in wrong {
            let error = #expect(throws: AssayError.self) { try runner.run(inputs) }
            #expect(error?.code == .usage)
            #expect(error?.expected == "a float32 [batch, 2]; b float32 [batch, 2]")
        }
        // Each input fits what is declared, and both together do not fit the model.
        let error = #expect(throws: AssayError.self) {
            try runner.run(["a": a, "b": Tensor([1.0, 2, 3, 4], shape: [2, 2])])
        }
        #expect(error?.code == .usage)
    }

    @Test("layers are recorded under their paths: calls by :1, several outputs by .0")
    func names() throws {
        let runner = try ModelRunner(sharedModel())
        let result = try runner.run(["a": a, "b": b], recordsLayers: true)
        #expect(Array(result.layers.keys) == ["twice", "twice:1", "pair.0", "pair.1", "sum"])
        #expect(try result.layers["twice:1"]?.floats() == [20, 40])
        #expect(try result.layers["pair.1"]?.floats() == [-40, -20])
        #expect(Array(result.entries.keys).first == "out/y")
        #expect(result.entries["layer/pair.0"] != nil)
    }

    @Test(
        "the same runner serves batches of different shapes, in every precision, whether it keeps weights or not",
        arguments: [false, true])
    func shapes(runsOnce: Bool) throws {
        let runner = try ModelRunner(branchingModel(), runsOnce: runsOnce)
        for batch in [2, 4, 2] {
            let x = normalTensor([batch, 6], seed: UInt64(batch))
            let truth = try #require(runner.run(["x": x], precision: .reference).outputs["out"])
            let double = try #require(runner.run(["x": x], precision: .double).outputs["out"])
            let float = try #require(runner.run(["x": x]).outputs["out"])
            #expect(double.type == .f64 && float.type == .f32 && double.shape == [batch, 3])
            #expect(try largestDifference(double, truth) < 1e-13)
            #expect(try largestDifference(float, truth) < 1e-5)
        }
    }
}
