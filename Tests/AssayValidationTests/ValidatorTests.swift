// The structural checks on small graphs, each with one thing wrong.

import AssayArchitectures
import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections
import Testing

@testable import AssayValidation

struct ValidatorTests {
    /// A dense layer on `[batch, 3]`, with what a test adds to it.
    private func report(
        kernel: [Float] = (0..<9).map(Float.init), _ extend: (inout GraphBuilder, ValueID) throws -> ValueID = { $1 },
        change: (inout Model) -> Void = { _ in }
    ) throws -> ValidationReport {
        var builder = GraphBuilder(rootClassName: "Functional")
        let x = builder.addInput(name: "x", fact: Fact(.f32, [.symbolic("batch"), 3]))
        let layer = builder.addLayer(name: "dense", className: "Dense", in: builder.graph.root)
        let parameter = builder.addParameter(
            Parameter(
                role: "kernel", path: "dense/kernel", layer: layer, type: .f32, shape: [3, 3], sources: ["kernel"]))
        let call = builder.beginCall(of: layer, inputs: [x])
        let y = try builder.addOne(Linear(), x, builder.value(of: parameter), nil)
        builder.endCall(call, outputs: [y])
        builder.addOutput(name: "y", value: try extend(&builder, y))
        var model = Model(
            name: "small", graph: builder.graph, parameters: builder.parameters,
            tensors: ["kernel": Tensor(kernel, shape: [3, 3])], provenance: Provenance(dialect: "test", path: "test"))
        change(&model)
        return try Validator(library: SpecificationLibrary([])).validate(model)
    }

    @Test func aSoundModelHasNoFinding() throws {
        let report = try report()
        #expect(report.isSound)
        #expect(report.findings.isEmpty)
    }

    @Test func valuesThatAreNoNumbersAreErrors() throws {
        let report = try report(kernel: [1, 2, .nan, 4, 5, 6, 7, .nan, .infinity])
        #expect(report.findings.map(\.severity) == [.error, .warning])
        #expect(report.findings.first?.layer == "dense/kernel")
        #expect(report.findings.first?.found == "2 of 9 elements, the first at index 2")
        #expect(!report.isSound)
    }

    @Test func missingAndMisshapenTensorsAreErrors() throws {
        let missing = try report {
            $1
        } change: {
            $0.tensors["kernel"] = nil
        }
        #expect(missing.findings.map(\.code) == ["missing-tensor"])
        let misshapen = try report {
            $1
        } change: {
            $0.tensors["kernel"] = Tensor([Float](repeating: 1, count: 6), shape: [3, 2])
        }
        #expect(misshapen.findings.map(\.code) == ["parameter-shape"])
        #expect(misshapen.findings.first?.expected == "3 × 3")
        #expect(misshapen.findings.first?.found == "3 × 2")
    }

    @Test func defectsOfReadingAreErrors() throws {
        let report = try report {
            $1
        } change: {
            $0.defects = [
                Defect(layer: "dense", error: .unreadable("Linear: wrong input width", expected: "3", found: "4"))
            ]
        }
        #expect(report.findings.map(\.code) == ["shape-mismatch"])
        #expect(report.findings.first?.expected == "3")
    }

    @Test func stretchedResidualsAreWarnings() throws {
        let report = try report { builder, y in
            let sum = try builder.addOne(Reduce(.sum, axes: [1], keepDimensions: true), y)
            return try builder.addOne(Binary(.add), y, sum)
        }
        #expect(report.findings.map(\.code) == ["residual-shape"])
        #expect(report.findings.first?.severity == .warning)
    }

    @Test func unusualEpsilonsAreReported() throws {
        let negative = try report { builder, y in
            try builder.addOne(LayerNormalization(axes: [1], epsilon: -1e-3), y, nil, nil)
        }
        #expect(negative.findings.map(\.severity) == [.error])
        let large = try report { builder, y in
            try builder.addOne(LayerNormalization(axes: [1], epsilon: 0.5), y, nil, nil)
        }
        #expect(large.findings.map(\.severity) == [.warning])
    }

    @Test func shortPositionTablesAreErrors() throws {
        let report = try report { builder, y in
            let table = builder.addConstant(Tensor([1, 2, 3, 4] as [Float], shape: [4, 1]))
            let positions = builder.addConstant(Tensor([0, 1, 2, 3, 4] as [Int32], shape: [5]))
            _ = try builder.addOne(Embedding(), positions, table)
            return y
        }
        #expect(report.findings.map(\.code) == ["position-table"])
        #expect(report.findings.first?.expected == "at least 5 rows")
    }

    @Test func everyCheckSaysWhatItFinds() {
        for check in CheckRegistry.all { #expect(!check.summary.isEmpty) }
    }
}
