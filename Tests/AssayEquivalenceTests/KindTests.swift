// Differences that have a name, each made on purpose in one layer of a model.

import AssayOperators
import AssayTensors
import Testing

@testable import AssayEquivalence

@Suite("Kinds of difference")
struct KindTests {
    private func layer(_ path: String, _ change: (inout TestEncoder) -> Void) throws -> LayerComparison {
        let original = TestEncoder()
        var changed = original
        change(&changed)
        let report = try Verifier(threads: .single).verify(original.model(), changed.model())
        #expect(report.firstLayer == path)
        return try #require(report.layers.first { $0.path == path })
    }

    private func permuted(_ values: [Float], columns: [Int]) -> [Float] {
        values.indices.map { values[$0 / columns.count * columns.count + columns[$0 % columns.count]] }
    }

    @Test func epsilon() throws {
        let layer = try layer("norm") { $0.epsilon = 1e-6 }
        #expect(layer.kind == "epsilon")
        #expect(layer.detail == "LayerNormalization has epsilon 0.001 for 1e-06")
    }

    @Test func geluByTanh() throws {
        let layer = try layer("expand") { $0.activation = .gelu(approximate: true) }
        #expect(layer.kind == "gelu-approximation")
        #expect(layer.detail == "the exact GELU for the one by tanh")
    }

    @Test func otherActivation() throws {
        let layer = try layer("expand") { $0.activation = .silu }
        #expect(layer.kind == "activation")
    }

    @Test func attentionScale() throws {
        let layer = try layer("attention") { $0.attentionScale = 1 }
        #expect(layer.kind == "attention-scale")
        #expect(layer.detail == "scores are multiplied by 0.70710677 for 1.0")
    }

    @Test(arguments: [TestEncoder.Hiding.mask, .bias])
    func missingMask(_ hiding: TestEncoder.Hiding) throws {
        let layer = try layer("attention") { $0.hiding = hiding }
        #expect(layer.kind == "missing-mask")
        #expect(layer.detail == "A takes no mask")
    }

    @Test func masksOfTwoFormsAreMasks() throws {
        var (boolean, additive) = (TestEncoder(), TestEncoder())
        (boolean.hiding, additive.hiding) = (.mask, .bias)
        let report = try Verifier(threads: .single).verify(boolean.model(), additive.model())
        #expect(report.verdict == .equivalent, "\(report.summary)")
        additive.weights["attention/output/bias"]?[0] += 0.5
        let changed = try Verifier(threads: .single).verify(boolean.model(), additive.model())
        #expect(changed.layers.first { $0.path == "attention" }?.kind == "changed-elements")
    }

    @Test func swappedWeights() throws {
        let layer = try layer("attention") {
            let query = $0.weights["attention/query/kernel"]
            $0.weights["attention/query/kernel"] = $0.weights["attention/value/kernel"]
            $0.weights["attention/value/kernel"] = query
        }
        #expect(layer.kind == "swapped-weights")
        #expect(layer.detail == "attention/query/kernel has in B what A has in attention/value/kernel")
    }

    @Test func transposedWeight() throws {
        let layer = try layer("attention") {
            let values = $0.weights["attention/output/kernel"] ?? []
            $0.weights["attention/output/kernel"] = values.indices.map { values[$0 % 6 * 6 + $0 / 6] }
        }
        #expect(layer.kind == "transposed-weight")
        #expect(layer.detail == "attention/output/kernel has axes 0 and 1 exchanged")
    }

    @Test func permutedHeads() throws {
        let layer = try layer("attention") {
            for role in ["kernel", "bias"] {
                let name = "attention/query/\(role)"
                $0.weights[name] = permuted($0.weights[name] ?? [], columns: [4, 5, 0, 1, 2, 3])
            }
        }
        #expect(layer.kind == "permuted")
        #expect(layer.detail == "attention/query/kernel has its heads in the order 2, 0, 1")
    }

    @Test(arguments: [ElementType.f16, .bf16])
    func roundedWeights(_ type: ElementType) throws {
        let layer = try layer("project") {
            for name in ["project/kernel", "project/bias"] {
                let exact = Tensor($0.weights[name] ?? [], shape: Shape([$0.weights[name]?.count ?? 0]))
                $0.weights[name] = try? exact.converted(to: type).floats()
            }
        }
        #expect(layer.kind == "rounded-weights")
        #expect(layer.detail == "B's weights are A's through \(type.displayName)")
    }

    @Test func scaledWeight() throws {
        let layer = try layer("project") {
            $0.weights["project/kernel"] = $0.weights["project/kernel"]?.map { $0 * 1.001 }
        }
        #expect(layer.kind == "scaled")
        #expect(layer.detail == "project/kernel is times 1.001 in B")
    }

    @Test func changedElements() throws {
        let layer = try layer("norm") { $0.weights["norm/gamma"]?[4] = 0.5 }
        #expect(layer.kind == "changed-elements")
        #expect(layer.detail?.hasPrefix("norm/gamma[4] is ") == true)
        #expect(layer.detail?.hasSuffix(" for 0.5") == true)
    }

    @Test func notANumber() throws {
        let layer = try layer("expand") { $0.weights["expand/bias"]?[2] = .nan }
        #expect(layer.kind == "not-finite")
        #expect(layer.detail?.hasPrefix("expand/bias[2] is ") == true)
    }
}

@Suite("Tolerances")
struct ToleranceTests {
    private func verify(_ tolerance: OutputTolerance) throws -> EquivalenceReport {
        let original = TestEncoder()
        var changed = original
        changed.weights["project/bias"]?[0] += 0.25
        return try Verifier(threads: .single, tolerance: tolerance).verify(original.model(), changed.model())
    }

    @Test("elements are outside where they differ by more than atol + rtol · |b|")
    func meaning() {
        let tolerance = OutputTolerance(absolute: 0.1, relative: 0.5)
        let sums = DifferenceSums([1, 1, 0, .nan, .infinity], [1.2, 3, 0.2, .nan, 1], tolerance: tolerance)
        // 0.2 ≤ 0.7; 2 > 1.6; 0.2 ≤ 0.2 (exactly 0.1 + 0.5 · 0.2); NaN beside NaN; infinite beside 1.
        #expect(sums.outsideTolerance == 2)
    }

    @Test("a difference within the tolerance is let pass, and said")
    func within() throws {
        let report = try verify(OutputTolerance(absolute: 0.26, relative: 0))
        #expect(report.verdict == .equivalent)
        #expect(report.firstLayer == nil)
        #expect(report.summary.hasSuffix("project is the first layer that really differs"))
        #expect(report.layers.filter(\.isDifferent).map(\.path) == ["project"])
    }

    @Test("elements outside are counted: one in six of each output row has moved")
    func outside() throws {
        let report = try verify(OutputTolerance(absolute: 0.24, relative: 0))
        #expect(report.verdict == .different)
        let difference = try #require(report.outputs.first?.difference)
        #expect(difference.outsideTolerance * 6 == difference.count)
    }
}
