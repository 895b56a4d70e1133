// Fused and in-place steps: which are, and that they change no bit.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections
import Testing

@testable import AssayExecution

@Suite("Fusion")
struct FusionTests {
    /// A feed-forward block `[rows, width]`: product, GELU, product, residual on either side, normalisation.
    private func block(_ rows: Int, width: Int, inner: Int) throws -> Model {
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [.known(rows), .known(width)]))
        let wide = try maker.dense("wide", x, width, inner)
        let active = try maker.layer("active", Activation(.gelu(approximate: false)), wide)[0]
        let narrow = try maker.dense("narrow", active, inner, width)
        let sum = try maker.layer("sum", Binary(.add), x, narrow)[0]
        let normal = try maker.layer("normal", LayerNormalization(axes: [-1], epsilon: 1e-5), sum)[0]
        let halved = try maker.layer("again", Binary(.subtract), try maker.dense("last", normal, width, width), normal)
        maker.builder.addOutput(name: "y", value: halved[0])
        return maker.model
    }

    @Test("a feed-forward block is three steps")
    func counts() throws {
        let plan = try Plan(block(4, width: 8, inner: 16).requireGraph(), inputs: [[4, 8]])
        let steps = FusedStep.steps(of: plan)
        #expect(plan.steps.count == 7)
        #expect(steps.map { $0.followers.count } == [1, 2, 1])
    }

    @Test("what is wanted, or taken twice, is computed on its own")
    func wanted() throws {
        let graph = try block(4, width: 8, inner: 16).requireGraph()
        let all = try Plan(graph, inputs: [[4, 8]], recording: graph.nodes.flatMap(\.results))
        #expect(FusedStep.steps(of: all).map { $0.followers.count }.max() == 0)
    }

    @Test(
        "fusion changes no bit, whether products are cut by rows, by columns or not at all",
        arguments: [(5, 8, 12), (400, 64, 192), (64, 400, 768), (128, 768, 3072)])
    func bits(rows: Int, width: Int, inner: Int) throws {
        let model = try block(rows, width: width, inner: inner)
        try expectNoBitChanges(model, [rows, width], as: Float.self)
        try expectNoBitChanges(model, [rows, width], as: Double.self)
    }

    @Test("a reshaped input stays what it is")
    func foreignMemory() throws {
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [4, 6]))
        let flat = try maker.layer("flat", Reshape([.fixed(24)]), x)[0]
        let active = try maker.layer("active", Activation(.tanh), flat)[0]
        maker.builder.addOutput(name: "y", value: active)
        let model = maker.model
        let plan = try Plan(model.requireGraph(), inputs: [[4, 6]])
        let executor = try FastExecutor<Float>(plan, parameters: PreparedParameters(model))
        let given = normalTensor([4, 6])
        let before = try given.floats()
        let first = try #require(executor.values([x: given])[active])
        let second = try #require(executor.values([x: given])[active])
        #expect(try given.floats() == before)
        #expect(try first.isBitEqual(to: second))
    }

    @Test("the sum of two products follows one of them")
    func twoProducts() throws {
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [4, 6]))
        let left = try maker.dense("left", x, 6, 5)
        let right = try maker.dense("right", x, 6, 5)
        maker.builder.addOutput(name: "y", value: try maker.layer("sum", Binary(.add), left, right)[0])
        let model = maker.model
        let steps = try FusedStep.steps(of: Plan(model.requireGraph(), inputs: [[4, 6]]))
        #expect(steps.map { $0.followers.count } == [0, 1])
        try expectNoBitChanges(model, [4, 6], as: Float.self)
    }

    private func expectNoBitChanges<Scalar: FastScalar>(
        _ model: Model, _ shape: Shape, as scalar: Scalar.Type
    ) throws {
        let graph = try model.requireGraph()
        let feeds = [graph.inputs[0].value: normalTensor(shape)]
        let everything = try Plan(graph, inputs: [shape], recording: graph.nodes.flatMap(\.results))
        let parameters = PreparedParameters<Scalar>(model)
        let apart = try FastExecutor(
            everything, parameters: parameters, threads: .single, sharesMemory: false
        ).values(feeds)
        let output = graph.outputs[0].value
        for threads in [1, 2, 3] {
            let fused = try FastExecutor(
                Plan(graph, inputs: [shape]), parameters: parameters, threads: ThreadPool(threads: threads)
            ).values(feeds)
            let (expected, found) = (try #require(apart[output]), try #require(fused[output]))
            #expect(try found.isBitEqual(to: expected))
        }
    }

    @Test("an elementwise result takes the place of an operand that dies, and of no other")
    func inPlace() throws {
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [64]))
        let a = try maker.layer("a", Activation(.tanh), x)[0]
        let b = try maker.layer("b", Activation(.relu()), a)[0]
        let c = try maker.layer("c", Binary(.add), a, b)[0]
        let d = try maker.layer("d", Binary(.multiply), c, c)[0]
        maker.builder.addOutput(name: "d", value: d)
        let plan = try Plan(maker.model.requireGraph(), inputs: [[64]])
        let layout = try ArenaLayout(plan, scalarBytes: 4, threads: 1, limit: 1 << 20)
        #expect(layout.offsets[a] != layout.offsets[b])
        #expect(layout.offsets[c] == layout.offsets[a])
        #expect(layout.offsets[d] != layout.offsets[c])
        #expect(layout.byteCount == 2 * 256)
    }

    @Test("a kernel that is stored in the other order is used as it lies")
    func storedOrder() throws {
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [3, 125]))
        let kernel = maker.stored(
            "kernel", normalTensor([140, 125]), in: maker.builder.graph.root, view: .transposed(.stored(0), [1, 0]),
            shape: [125, 140])
        let y = try maker.builder.addOne(Linear(), x, kernel)
        maker.builder.addOutput(name: "y", value: y)
        let model = maker.model
        let graph = try model.requireGraph()
        var parameter: ParameterID?
        if case .parameter(let id) = graph[kernel].origin { parameter = id }
        let id = try #require(parameter)
        let float = try PreparedParameters<Float>(model).untransposed(id, fact: graph[kernel].fact)
        let double = try PreparedParameters<Double>(model).untransposed(id, fact: graph[kernel].fact)
        #expect(float?.isCopy == false)
        // In another precision it is widened, and still not turned round.
        #expect(double?.isCopy == true && double?.tensor.shape == [140, 125])
        let plan = try Plan(graph, inputs: [[3, 125]])
        let feeds = [graph.inputs[0].value: normalTensor([3, 125], seed: 2)]
        let found = try FastExecutor<Float>(plan, parameters: PreparedParameters(model)).values(feeds)
        let oracle = try ReferenceExecutor(plan, model: model).values(feeds)
        let result = try #require(found[y])
        let truth = try #require(oracle[y])
        #expect(try largestDifference(result, Tensor(copying: truth)) <= 1e-5)
    }
}
