// What a comparison says of models that are the same, that are written otherwise, and that differ in one place.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import Testing

@testable import AssayEquivalence

struct VerifierTests {
    private func verify(_ change: (inout TestEncoder) -> Void) throws -> EquivalenceReport {
        let original = TestEncoder()
        var changed = original
        change(&changed)
        return try Verifier(threads: .single).verify(original.model(), changed.model())
    }

    /// The elements of a weight `[rows, columns]` with its columns in another order.
    private func permuted(_ values: [Float], columns: [Int]) -> [Float] {
        let width = columns.count
        return (0..<values.count).map { values[$0 / width * width + columns[$0 % width]] }
    }

    private func permuted(_ values: [Float], rows: [Int]) -> [Float] {
        let width = values.count / rows.count
        return (0..<values.count).map { values[rows[$0 / width] * width + $0 % width] }
    }

    // MARK: The same function

    @Test func sameWeightsAreEqual() throws {
        let report = try verify { _ in }
        #expect(report.verdict == .equal)
        #expect(report.firstLayer == nil)
        #expect(report.layers.map(\.path) == ["embedding", "attention", "add", "norm", "expand", "project"])
        #expect(report.weights.allSatisfy { $0.isBitEqual })
    }

    @Test func namesDoNotMatter() throws {
        let report = try verify { $0.renamed = ["expand": "project", "project": "expand"] }
        #expect(report.verdict == .equal)
        #expect(report.layers.first { $0.path == "expand" }?.counterpart == "project")
    }

    @Test func layersThatDoNothingDoNotMatter() throws {
        #expect(try verify { $0.hasDropout = true }.verdict == .equal)
    }

    @Test func permutedNeuronsAreEquivalent() throws {
        let order = [3, 1, 7, 0, 2, 6, 5, 4]
        let report = try verify {
            $0.weights["expand/kernel"] = permuted($0.weights["expand/kernel"] ?? [], columns: order)
            $0.weights["expand/bias"] = permuted($0.weights["expand/bias"] ?? [], columns: order)
            $0.weights["project/kernel"] = permuted($0.weights["project/kernel"] ?? [], rows: order)
        }
        // The last layer's output is the model's, so the two layers take each other's change back.
        #expect(report.verdict == .equivalent, "\(report.summary)")
    }

    @Test func permutedHeadsAreEquivalent() throws {
        let order = [4, 5, 0, 1, 2, 3]
        let report = try verify {
            for part in ["query", "key", "value"] {
                for role in ["kernel", "bias"] {
                    let name = "attention/\(part)/\(role)"
                    $0.weights[name] = permuted($0.weights[name] ?? [], columns: order)
                }
            }
            $0.weights["attention/output/kernel"] = permuted($0.weights["attention/output/kernel"] ?? [], rows: order)
        }
        #expect(report.verdict == .equivalent, "\(report.summary)")
    }

    @Test func keyBiasHasNoSay() throws {
        let report = try verify {
            $0.weights["attention/key/bias"] = $0.weights["attention/key/bias"]?.map { $0 + 0.5 }
        }
        #expect(report.verdict == .equivalent, "\(report.summary)")
    }

    // MARK: Another function

    @Test(arguments: [
        "embedding/embeddings", "attention/query/kernel", "attention/value/bias", "attention/output/kernel",
        "norm/gamma", "norm/beta", "expand/kernel", "expand/bias", "project/kernel", "project/bias",
    ])
    func oneUnitInTheLastPlaceIsFound(name: String) throws {
        let moved = try #require(TestEncoder().weights[name]?[3]).nextUp
        let report = try verify { $0.weights[name]?[3] = moved }
        #expect(report.verdict == .different)
        #expect(report.firstLayer == name.split(separator: "/").first.map(String.init))
    }

    @Test(arguments: ["attention/query/kernel", "norm/gamma", "expand/kernel", "project/bias"])
    func smallScalingIsFound(name: String) throws {
        let report = try verify { $0.weights[name] = $0.weights[name]?.map { $0 * 1.0001 } }
        #expect(report.verdict == .different)
        #expect(report.firstLayer == name.split(separator: "/").first.map(String.init))
    }

    @Test func attributesAreFound() throws {
        let epsilon = try verify { $0.epsilon = 1e-5 }
        #expect(epsilon.verdict == .different)
        #expect(epsilon.firstLayer == "norm")
        #expect(epsilon.layers.first { $0.path == "norm" }?.reasons == ["LayerNormalization: epsilon 0.001 for 1e-05"])
        let activation = try verify { $0.activation = .gelu(approximate: true) }
        #expect(activation.verdict == .different)
        #expect(activation.firstLayer == "expand")
    }

    @Test func notANumberIsFound() throws {
        let report = try verify { $0.weights["expand/bias"]?[0] = .nan }
        #expect(report.verdict == .different)
        #expect(report.firstLayer == "expand")
    }

    /// A neuron that no input wakes hides its bias from everything behind it; the model is another one all the same.
    @Test func changesOfSleepingNeuronsAreFound() throws {
        var asleep = TestEncoder()
        asleep.activation = .relu(maxValue: nil, negativeSlope: 0, threshold: 0)
        asleep.weights["expand/bias"]?[2] = -1000
        var changed = asleep
        changed.weights["expand/bias"]?[2] = -1001
        let report = try Verifier(threads: .single).verify(asleep.model(), changed.model())
        #expect(report.verdict == .different)
        #expect(report.firstLayer == "expand")
    }

    @Test func theFirstOfTwoFaultsIsNamed() throws {
        let report = try verify {
            $0.weights["project/bias"]?[0] += 0.25
            $0.weights["attention/value/kernel"]?[0] += 1e-3
        }
        #expect(report.firstLayer == "attention")
        #expect(report.layers.filter(\.isDifferent).map(\.path) == ["attention", "project"])
    }
}

struct MeasureTests {
    @Test func differencesAreMeasuredByTheirDefinition() {
        let difference = Difference([1, 2, -4, 0], [1, 2.5, -4, 0])
        #expect(difference.maximumAbsolute == 0.5)
        #expect(difference.maximumRelative == 0.25)
        #expect(difference.rootMeanSquare == 0.25)
        #expect(difference.scale == (21.0 / 4).squareRoot())
        #expect(Difference([.nan, 1], [.nan, 1]).nonFiniteMismatches == 0)
        #expect(Difference([.nan, 1], [0, 1]).distance == .infinity)
        #expect(Difference([.infinity], [.infinity]).distance == 0)
    }

    @Test("differences by groups are those one by one", arguments: [1, 4, 11, 64])
    func differencesByGroups(count: Int) {
        var random = RandomGenerator(seed: UInt64(count))
        var a = (0..<count).map { _ in random.normal() }
        var b = a.map { $0 + 0.1 * random.normal() }
        a[count / 2] = 0
        if count > 4 { (a[1], b[1], b[6]) = (.nan, 3, .infinity) }
        let finite = zip(a, b).filter { $0.isFinite && $1.isFinite }
        let found = Difference(a, b)
        #expect(found.count == count)
        #expect(found.nonFiniteMismatches == count - finite.count)
        #expect(found.maximumAbsolute == finite.map { ($0 - $1).magnitude }.max())
        #expect(
            found.maximumRelative == finite.filter { $0.0 != 0 }.map { ($0 - $1).magnitude / $0.magnitude }.max() ?? 0)
        #expect(found.largest == finite.map(\.0.magnitude).max())
        let squares = finite.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect((found.rootMeanSquare - (squares / Double(count)).squareRoot()).magnitude < 1e-15)
        let floats = UnitsInLastPlace(a.map(Float.init), b.map(Float.init))
        #expect(floats.maximum >= floats.percentile99 && floats.percentile99 >= floats.median)
    }

    @Test("quantiles of large distances are those of the sorted distances") func quantilesOfLargeDistances() {
        var random = RandomGenerator(seed: 8)
        // Powers of two are 2²³ floats apart.
        let powers = (0..<500).map { _ in random.integer(below: 40) }
        let units = UnitsInLastPlace(
            [Float](repeating: 1, count: powers.count), powers.map { Float(sign: .plus, exponent: $0, significand: 1) })
        let sorted = powers.sorted().map { $0 << 23 }
        #expect(units.median == sorted[249] && units.percentile99 == sorted[495] && units.maximum == sorted[499])
    }

    @Test func unitsInTheLastPlaceCountFloats() {
        let units = UnitsInLastPlace([1, 1, 0], [1, Float(1).nextUp, -0.0])
        #expect(units.maximum == 1)
        #expect(UnitsInLastPlace([.leastNonzeroMagnitude], [-.leastNonzeroMagnitude]).maximum == 2)
    }

    @Test func elementsMoveByHalfAUnitWhicheverOthersThereAre() {
        let change = Perturbation.halfUnit(seed: 3).change
        let start = (0..<300).map { Double($0) * 0.37 - 20 } + [.infinity, .nan]
        var all = start
        all.withUnsafeMutableBufferPointer { change(.parameter(ParameterID(2)), .f32, 0, $0) }
        for (moved, value) in zip(all, start) where value.isFinite {
            #expect((moved - value).magnitude == Perturbation.unitInLastPlace(value, of: .f32) / 2)
        }
        #expect(all[300] == .infinity && all[301].isNaN)
        #expect(zip(all, start).contains { $0 < $1 } && zip(all, start).contains { $0 > $1 })
        for first in [1, 64, 100, 255] {
            var some = Array(start[first..<first + 40])
            some.withUnsafeMutableBufferPointer { change(.parameter(ParameterID(2)), .f32, first, $0) }
            #expect(some == Array(all[first..<first + 40]))
        }
    }

    @Test func halfUnitsAreThoseOfTheStoredType() {
        #expect(Perturbation.unitInLastPlace(1, of: .f32) == 0x1p-23)
        #expect(Perturbation.unitInLastPlace(1.5, of: .f16) == 0x1p-10)
        #expect(Perturbation.unitInLastPlace(3, of: .bf16) == 0x1p-6)
        #expect(Perturbation.unitInLastPlace(0, of: .f32) == Double(Float.leastNonzeroMagnitude))
    }
}

struct RecalledLinearTests {
    /// A product, beside an earlier one whose result is made up: what comes out says whether it was taken.
    private func result(x: [Float], earlier: [Float]) throws -> [Float] {
        var builder = GraphBuilder(rootClassName: "Functional")
        let names = ["x", "kernel", "bias", "earlier x", "earlier y"]
        let shapes: [Shape] = [[2, 3], [3, 2], [2], [2, 3], [2, 2]]
        let values = zip(names, shapes).map { builder.addInput(name: $0, fact: Fact(.f32, $1)) }
        let y = try builder.add(RecalledLinear(linear: Linear()), values)
        let plan = try Plan(builder.graph, feeds: Dictionary(uniqueKeysWithValues: zip(values, shapes)), wanted: y)
        let model = Model(
            name: "", graph: builder.graph, parameters: [], tensors: [:], provenance: Provenance(dialect: "", path: ""))
        let tensors = [
            Tensor(x, shape: [2, 3]), Tensor([1, 0, 0, 1, 1, 1] as [Float], shape: [3, 2]),
            Tensor([10, 20] as [Float], shape: [2]), Tensor(earlier, shape: [2, 3]),
            Tensor([7, 7, 7, 7] as [Float], shape: [2, 2]),
        ]
        let executor = try FastExecutor(plan, parameters: PreparedParameters<Float>(model), threads: .single)
        let found = try executor.values(Dictionary(uniqueKeysWithValues: zip(values, tensors)))
        return try #require(found[y[0]]).floats()
    }

    @Test func theSameNumbersAreMultipliedOnce() throws {
        #expect(try result(x: [1, 2, 3, 4, 5, 6], earlier: [1, 2, 3, 4, 5, 6]) == [7, 7, 7, 7])
    }

    @Test("other numbers are multiplied, and -0 is not 0", arguments: [Float(6.5), -0.0])
    func otherNumbersAreMultiplied(last: Float) throws {
        let other: [Float] = [1, 2, 3, 4, 5, last]
        #expect(try result(x: other, earlier: [1, 2, 3, 4, 5, last == 0 ? 0 : 6]) == [14, 25, 14 + last, 25 + last])
    }
}
