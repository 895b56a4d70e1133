// Plans: what is left out, what is known before the run, what is refused.

import AssayGraph
import AssayOperators
import AssayTensors
import Testing

@testable import AssayExecution

@Suite("Plan")
struct PlanTests {
    @Test("nodes that nothing wanted depends on are left out, and results that nobody takes")
    func prunes() throws {
        let model = try branchingModel()
        let graph = try model.requireGraph()
        let backwards = try #require(graph.layer(at: "backwards"))
        let inputs: [ValueID: Shape] = [graph.inputs[0].value: [2, 6]]
        let reversed = graph[backwards].calls[0].outputs[0]
        let alone = try Plan(graph, feeds: inputs, wanted: [reversed])
        #expect(alone.steps.map(\.operation.name) == ["Linear", "Regrouped", "Backwards"])
        #expect(alone.steps[2].results.map { $0 == nil } == [false, true])
        let whole = try Plan(graph, inputs: [[2, 6]])
        #expect(whole.steps.count == graph.nodes.count)
        #expect(whole.shapes[graph.outputs[0].value] == [2, 3])
    }

    @Test("every value dies after its last use, and once")
    func lastUses() throws {
        let graph = try randomModel(seed: 3, count: 40).requireGraph()
        let plan = try Plan(graph, inputs: [[64]])
        var dead: Set<ValueID> = []
        for step in plan.steps {
            let used = (step.operands + step.results).compactMap { $0 }
            #expect(dead.isDisjoint(with: used))
            for value in step.lastUses { #expect(dead.insert(value).inserted) }
        }
    }

    @Test("integers that follow from shapes are literals, and what computed them does not run")
    func literals() throws {
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [.symbolic("batch"), 6]))
        let wide = try maker.layer("scaled", Scaled(factor: 2), x)[0]
        let extents = try maker.layer("extents", Extents(), wide)[0]
        let real = try maker.layer("real", AsReal(), extents)[0]
        maker.builder.addOutput(name: "y", value: real)
        let model = maker.model
        let plan = try Plan(model.requireGraph(), inputs: [[5, 6]])
        #expect(plan.steps.map(\.operation.name) == ["AsReal"])
        let runner = try ModelRunner(model)
        for precision in Precision.allCases {
            let result = try runner.run(["x": normalTensor([5, 6])], precision: precision)
            #expect(try result.outputs["y"]?.doubles() == [5, 6])
        }
    }

    @Test("an opaque operator is named where it is needed, and no trouble where it is not")
    func opaque() throws {
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [.symbolic("batch"), 6]))
        let hidden = try maker.dense("hidden", x, 6, 4)
        let custom = try maker.layer(
            "custom", Opaque(className: "Custom>Gate", reason: "its code is not in the file"), hidden)[0]
        maker.builder.addOutput(name: "y", value: custom)
        let model = maker.model
        let graph = try model.requireGraph()
        let error = #expect(throws: AssayError.self) { try Plan(graph, inputs: [[2, 6]]) }
        #expect(error?.code == .notRunnable)
        #expect(error?.description == "custom: Custom>Gate cannot be run: its code is not in the file")
        _ = try Plan(graph, feeds: [graph.inputs[0].value: [2, 6]], wanted: [hidden])
        _ = try Plan(graph, feeds: [custom: [2, 4]], wanted: [custom])
        #expect(try ModelRunner(model).recordableLayers.map(\.name) == ["hidden"])
    }

    @Test("a shape that does not fit is refused at the layer")
    func wrongShape() throws {
        let model = try branchingModel()
        let graph = try model.requireGraph()
        let error = #expect(throws: AssayError.self) { try Plan(graph, inputs: [[2, 7]]) }
        #expect(error?.location.object == "hidden")
        #expect(throws: AssayError.self) { try Plan(graph, feeds: [:], wanted: [graph.outputs[0].value]) }
    }

    @Test("memory beyond the machine's is refused before anything is allocated")
    func hugeShapes() throws {
        let graph = try branchingModel().requireGraph()
        let plan = try Plan(graph, inputs: [[1 << 48, 6]])
        let error = #expect(throws: AssayError.self) {
            try ArenaLayout(plan, scalarBytes: 4, threads: 1, limit: Arena.machineLimit)
        }
        #expect(error?.code == .notRunnable)
        var maker = ModelMaker()
        let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [1 << 20, 1 << 20]))
        maker.builder.addOutput(name: "y", value: try maker.layer("scaled", Scaled(factor: 2), x)[0])
        let large = maker.model
        #expect(throws: AssayError.self) { try RandomInputs(large) }
    }

    @Test("dead values' memory is used again; every value is aligned and ends before the workspace", arguments: 0..<20)
    func layout(seed: Int) throws {
        let graph = try randomModel(seed: UInt64(seed), count: 60).requireGraph()
        let plan = try Plan(graph, inputs: [[64]])
        let shared = try ArenaLayout(plan, scalarBytes: 4, threads: 1, limit: 1 << 30)
        let apart = try ArenaLayout(plan, scalarBytes: 4, threads: 1, sharing: false, limit: 1 << 30)
        #expect(shared.byteCount < apart.byteCount)
        #expect(Set(apart.offsets.values).count == apart.offsets.count)
        #expect(shared.offsets.values.allSatisfy { $0.isMultiple(of: ArenaLayout.alignment) })
        #expect(shared.offsets.values.allSatisfy { $0 + 256 <= shared.workspaceOffset })
    }
}
