// How precise the fast path is in the model's own precision, beside the framework: the distance of each layer from the
// operators' definitions in Double, against the distance of what the framework itself recorded.

import Assay
import AssayTestSupport
import Testing

@Suite("Precision")
struct PrecisionTests {
    /// How many times further from the oracle than the framework a layer may be.
    private static let limit = 4.0

    @Test("is not much further from the definitions than the framework is", arguments: ConformanceCases.runnable)
    func isAsPreciseAsTheFramework(_ fixture: FixtureCase) throws {
        // An ONNX file has names of its own, which are not those of the recorded layers.
        guard let file = fixture.files.first(where: { !["keras-json", "onnx"].contains($0.dialect) }) else { return }
        let model = try Model.open(file.path, graphFrom: file.graphFrom)
        let inputs = InputSource.tensors(try fixture.inputs())
        let oracle = try model.run(inputs, precision: .reference, recordsLayers: true).entries
        let computed = try model.run(inputs, recordsLayers: true).entries
        for (name, recorded) in try fixture.recorded() where recorded.type.isFloatingPoint {
            let truth = try #require(oracle[name]).doubles()
            let theirs = distance(try recorded.doubles(), truth)
            let ours = distance(try #require(computed[name]).doubles(), truth)
            let allowed = max(Self.limit * theirs, unit(of: truth, in: recorded.type))
            #expect(ours <= allowed, "\(name) is \(ours) away from the definition, the framework \(theirs)")
        }
    }

    /// The largest difference of two values in the same place; infinite where only one of them is a number.
    private func distance(_ values: [Double], _ truth: [Double]) -> Double {
        guard values.count == truth.count else { return .infinity }
        var worst = 0.0
        for (value, exact) in zip(values, truth) where value != exact && !(value.isNaN && exact.isNaN) {
            let difference = (value - exact).magnitude
            guard difference.isFinite else { return .infinity }
            worst = max(worst, difference)
        }
        return worst
    }

    /// One unit in the last place at the layer's largest magnitude, of binary64 where the framework computed in it. Storing
    /// a result alone costs half of it, and a layer of a few values may come out exact by luck: nearness below it says
    /// nothing of precision.
    private func unit(of truth: [Double], in type: ElementType) -> Double {
        let largest = truth.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
        return type == .f64 ? largest.ulp : Double(Float(largest).ulp)
    }
}
