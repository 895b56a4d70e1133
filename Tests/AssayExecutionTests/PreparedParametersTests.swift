// Stored values in the precision of a run: in place, converted, replaced, adjusted.

import AssayGraph
import AssayOperators
import AssayTensors
import AssayTestSupport
import Testing

@testable import AssayExecution

@Suite("Prepared parameters")
struct PreparedParametersTests {
    private let values: [Float] = [1.5, -2, 0.25, 3]

    @Test("a large tensor of the run's type is used where it lies, an unaligned or a small one is not")
    func inPlace() throws {
        let large = (0..<20_000).map(Float.init)
        let tensor = Tensor(large, shape: [100, 200])
        #expect(try !PreparedTensor<Float>(tensor, as: .f32).isCopy)
        #expect(try PreparedTensor<Double>(tensor, as: .f32).isCopy)
        let shifted = try ByteRegion([0] + tensor.bytes().array).slice(at: 1, count: tensor.byteCount)
        let unaligned = try PreparedTensor<Float>(Tensor(type: .f32, shape: [100, 200], region: shifted), as: .f32)
        #expect(unaligned.isCopy)
        #expect(large.indices.map { unaligned.tensor.reals[$0] } == large)
        let small = try PreparedTensor<Float>(Tensor(values, shape: [2, 2]), as: .f32)
        #expect(small.isCopy)
        #expect((0..<4).map { small.tensor.reals[$0] } == values)
    }

    @Test("any numeric type becomes what the graph declares")
    func conversions() throws {
        let whole = Tensor([1.0, 0, 7.9, -3.9], shape: [4])
        let integers = try PreparedTensor<Float>(whole, as: .i32)
        #expect((0..<4).map { integers.tensor.integers[$0] } == [1, 0, 7, -3])
        let truths = try PreparedTensor<Float>(whole, as: .bool)
        #expect((0..<4).map { truths.tensor.booleans[$0] } == [1, 0, 1, 1])
        // A file may say that a byte of 2 is a boolean; kernels rely on 0 and 1.
        let hostile = try Tensor(type: .bool, shape: [3], region: ByteRegion([0, 2, 255]))
        let normalised = try PreparedTensor<Float>(hostile, as: .bool)
        #expect((0..<3).map { normalised.tensor.booleans[$0] } == [0, 1, 1])
        #expect(throws: AssayError.self) { try PreparedTensor<Float>(Tensor([Double.nan], shape: [1]), as: .i32) }
        let half = try Tensor(values, shape: [4]).converted(to: .f16)
        let widened = try PreparedTensor<Double>(half, as: .f16)
        #expect((0..<4).map { widened.tensor.reals[$0] } == values.map(Double.init))
    }

    /// y = x · kernel of a model whose kernel is stored transposed.
    private func product(_ parameters: (Model) -> PreparedParameters<Double>) throws -> [Double] {
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [1, 2]))
        let layer = maker.builder.addLayer(name: "dense", className: "Dense", in: maker.builder.graph.root)
        let kernel = maker.stored(
            "kernel", Tensor(values, shape: [2, 2]), in: layer, view: .transposed(.stored(0), [1, 0]))
        maker.builder.addOutput(name: "y", value: try maker.builder.addOne(Linear(), x, kernel))
        let model = maker.model
        let graph = try model.requireGraph()
        let executor = try FastExecutor<Double>(
            Plan(graph, inputs: [[1, 2]]), parameters: parameters(model), threads: .single)
        return try executor.values([x: Tensor([1 as Float, 10], shape: [1, 2])])[graph.outputs[0].value]?.doubles()
            ?? []
    }

    @Test("views, replacements and adjustments, with and without a cache")
    func sources() throws {
        #expect(try product { PreparedParameters($0) } == [1.5 - 20, 0.25 + 30])
        #expect(try product { PreparedParameters($0, cacheLimit: 0) } == [1.5 - 20, 0.25 + 30])
        let other = Tensor([1.0, 2, 3, 4], shape: [2, 2])
        #expect(try product { PreparedParameters($0, replacing: [ParameterID(0): other]) } == [31, 42])
        let doubled = try product {
            PreparedParameters(
                $0,
                adjust: .init(isElementwise: true) { stored, type, _, values in
                    guard stored == .parameter(ParameterID(0)), type == .f32 else { return }
                    for index in values.indices { values[index] *= 2 }
                })
        }
        #expect(doubled == [3 - 40, 0.5 + 60])
    }

    @Test(
        "of a table only the rows that are read are made ready in a run that passes over it once, each as it would be in all"
    )
    func rowsOfTables() throws {
        let table = Tensor.weights([40, 3], seed: 8)
        var maker = ModelMaker()
        let ids = maker.builder.addInput(name: "ids", fact: Fact(.i64, [3]))
        let layer = maker.builder.addLayer(name: "embedding", className: "Embedding", in: maker.builder.graph.root)
        let stored = maker.stored("table", table, in: layer)
        maker.builder.addOutput(name: "y", value: try maker.builder.addOne(Embedding(), ids, stored))
        let model = maker.model
        let graph = try model.requireGraph()
        let adjustment = PreparedParameters<Double>.Adjustment(isElementwise: true) { _, _, first, values in
            for index in values.indices { values[index] += Double(first + index) }
        }
        func rows(_ numbers: [Int64], _ parameters: PreparedParameters<Double>) throws -> [Double]? {
            let executor = try FastExecutor<Double>(
                Plan(graph, inputs: [[3]]), parameters: parameters, threads: .single)
            return try executor.values([ids: Tensor(numbers, shape: [3])])[graph.outputs[0].value]?.doubles()
        }
        let expected = try [39, 0, 17].flatMap { row in
            try table.doubles()[row * 3..<row * 3 + 3].enumerated().map { $1 + Double(row * 3 + $0) }
        }
        let once = PreparedParameters<Double>(model, adjust: adjustment, releasesPages: true)
        #expect(try rows([39, 0, 17], once) == expected)
        #expect(try rows([39, 0, 17], PreparedParameters<Double>(model, adjust: adjustment)) == expected)
        #expect(throws: AssayError.self) { try rows([39, 40, 17], once) }
    }

    @Test("a stored value of another shape than the graph declares is refused before a kernel reads past it")
    func wrongShape() throws {
        let small = Tensor([1.0], shape: [1, 1])
        #expect(throws: AssayError.self) {
            try product { PreparedParameters($0, replacing: [ParameterID(0): small]) }
        }
    }

    @Test(
        "a kernel is packed once, also one at an odd address or stored transposed, and computes what the stored one does"
    )
    func packedKernels() throws {
        let weights = Tensor.weights([90, 90], seed: 4)
        let shifted = try ByteRegion([0] + weights.bytes().array).slice(at: 1, count: weights.byteCount)
        let x = Tensor.weights([7, 90], seed: 5)
        var maker = ModelMaker()
        let input = maker.builder.addInput(name: "x", fact: Fact(.f32, [7, 90]))
        let layer = maker.builder.addLayer(name: "dense", className: "Dense", in: maker.builder.graph.root)
        let kernel = maker.stored(
            "kernel", try Tensor(type: .f32, shape: [90, 90], region: shifted), in: layer,
            view: .transposed(.stored(0), [1, 0]))
        maker.builder.addOutput(name: "y", value: try maker.builder.addOne(Linear(), input, kernel))
        let model = maker.model
        let parameters = PreparedParameters<Float>(model)
        let graph = try model.requireGraph()
        let executor = try FastExecutor<Float>(
            Plan(graph, inputs: [[7, 90]]), parameters: parameters, threads: .single)
        let first = try #require(try executor.values([input: x])[graph.outputs[0].value]).floats()
        #expect(try executor.values([input: x])[graph.outputs[0].value]?.floats() == first)
        let reference = try ReferenceExecutor(executor.plan, model: model).values([input: x])
        let exact = try #require(reference[graph.outputs[0].value]).values
        #expect(zip(first, exact).allSatisfy { (Double($0) - $1).magnitude <= 1e-4 })
    }
}
