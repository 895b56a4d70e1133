// Attention: random cases through every runner, and what masks must do.

import AssayGraph
import AssayTensors
import Testing

@testable import AssayOperators

/// Query, key and value of one case.
private func operands(
    _ random: inout RandomOperands, batch: Int, target: Int, source: Int, heads: Int, keyHeads: Int, width: Int,
    valueWidth: Int
) -> [ReferenceTensor?] {
    [
        random.reals([batch, target, heads, width], scale: 3), random.reals([batch, source, keyHeads, width]),
        random.reals([batch, source, keyHeads, valueWidth]),
    ]
}

let attentionCases: [OperatorCase] = {
    var random = RandomOperands(seed: 11)
    var cases: [OperatorCase] = []
    for (batch, target, source, heads, keyHeads, width, valueWidth) in [
        (1, 5, 7, 1, 1, 3, 4), (3, 7, 5, 4, 2, 5, 3), (3, 9, 9, 6, 2, 2, 2), (2, 1, 1, 3, 3, 1, 1),
    ] {
        let values = operands(
            &random, batch: batch, target: target, source: source, heads: heads, keyHeads: keyHeads, width: width,
            valueWidth: valueWidth)
        let scores = [batch, heads, target, source]
        var mask = random.booleans(scores)
        for column in 0..<source { mask.values[column] = 0 }
        let bias = random.reals([heads, target, source], scale: 2)
        let keyMask = random.booleans([batch, 1, 1, source], probability: 0.5)
        let name = "\(scores)"
        cases += [
            OperatorCase("\(name), no mask", Attention(scale: 0.5), values),
            OperatorCase("\(name), mask with a row of nothing", Attention(scale: 0.5), values + [mask]),
            OperatorCase("\(name), key mask", Attention(scale: 0.5), values + [keyMask]),
            OperatorCase("\(name), causal", Attention(scale: 0.7, isCausal: true), values),
            OperatorCase(
                "\(name), causal with key mask and bias", Attention(scale: 0.7, isCausal: true),
                values + [keyMask, bias]),
            OperatorCase(
                "\(name), causal with masks that add up", Attention(scale: 0.7, isCausal: true, addsMasks: true),
                values + [mask]),
            OperatorCase("\(name), bias", Attention(scale: 0.5), values + [nil, bias]),
            OperatorCase(
                "\(name), soft cap, causal window", Attention(scale: 0.7, isCausal: true, softCap: 2, window: 3),
                values),
            OperatorCase("\(name), window", Attention(scale: 0.7, window: 2), values + [mask]),
        ]
    }
    return cases
}()

let additiveCases: [OperatorCase] = {
    var random = RandomOperands(seed: 14)
    var cases: [OperatorCase] = []
    for (batch, target, source, width, valueWidth) in [(1, 4, 5, 3, 2), (3, 5, 5, 4, 4), (2, 40, 30, 64, 8)] {
        let values: [ReferenceTensor?] = [
            random.reals([batch, target, width]), random.reals([batch, source, width]),
            random.reals([batch, source, valueWidth]),
        ]
        var mask = random.booleans([batch, target, source])
        for column in 0..<source { mask.values[column] = 0 }
        cases += [
            OperatorCase("\(target) to \(source)", AdditiveAttention(), values),
            OperatorCase("scale, mask", AdditiveAttention(), values + [random.reals([width]), mask]),
            OperatorCase(
                "causal, key mask", AdditiveAttention(isCausal: true),
                values + [nil, random.booleans([batch, 1, source])]),
        ]
    }
    return cases
}()

/// Large enough for several threads and several blocks of queries.
let largeAttentionCases: [OperatorCase] = {
    var random = RandomOperands(seed: 12)
    let wide = operands(
        &random, batch: 2, target: 96, source: 96, heads: 4, keyHeads: 2, width: 32, valueWidth: 16)
    let long = operands(
        &random, batch: 1, target: 150, source: 2100, heads: 2, keyHeads: 1, width: 8, valueWidth: 8)
    return [
        OperatorCase("several heads", Attention(scale: 0.2), wide),
        OperatorCase("several blocks, causal", Attention(scale: 0.2, isCausal: true), long),
        OperatorCase("several blocks", Attention(scale: 0.2), long + [random.booleans([1, 1, 1, 2100])]),
    ]
}()

@Suite struct AttentionTests {
    @Test(arguments: attentionCases) func agreesWithReference(_ test: OperatorCase) throws { try test.check() }

    @Test(arguments: additiveCases) func additiveAgreesWithReference(_ test: OperatorCase) throws {
        try test.check()
    }

    @Test(arguments: largeAttentionCases) func threadsChangeNothing(_ test: OperatorCase) throws {
        try test.checkThreads()
        let double = try test.fast(Double.self, threads: 2)
        let float = try test.fast(Float.self, threads: 2)
        for (first, second) in zip(double, float) { first.expectClose(second, relative: 2e-5, test.name) }
    }

    @Test(arguments: attentionCases + largeAttentionCases)
    func probabilitiesCostNothingUnlessAskedFor(_ test: OperatorCase) throws {
        let all = try test.fast(Float.self)
        #expect(try test.fast(Float.self, wanted: [true, false])[0].values == all[0].values)
    }

    @Test func aQueryThatSeesNothingAttendsEqually() throws {
        var random = RandomOperands(seed: 13)
        let values = operands(
            &random, batch: 1, target: 2, source: 4, heads: 1, keyHeads: 1, width: 3, valueWidth: 3)
        let mask = ReferenceTensor(.bool, [1, 1, 1, 4], [0, 0, 0, 0])
        let test = OperatorCase("nothing", Attention(scale: 1, isCausal: true), values + [mask])
        let equal = [Double](repeating: 0.25, count: 8)
        #expect(try test.operation.reference(test.operands)[1].values == equal)
        #expect(try test.fast(Float.self)[1].values == equal)
        #expect(try test.fast(Double.self)[1].values == equal)
    }

    @Test func aQueryThatSeesNothingGathersZerosWhereThatIsAsked() throws {
        var random = RandomOperands(seed: 14)
        let values = operands(
            &random, batch: 1, target: 2, source: 3, heads: 1, keyHeads: 1, width: 3, valueWidth: 3)
        let mask = ReferenceTensor(.bool, [1, 1, 2, 3], [0, 0, 0, 0, 1, 0])
        let test = OperatorCase("nothing", Attention(scale: 1, zeroesHiddenRows: true), values + [mask])
        let probabilities = [0, 0, 0, 0, 1, 0] as [Double]
        #expect(try test.operation.reference(test.operands)[1].values == probabilities)
        #expect(try test.fast(Float.self)[1].values == probabilities)
        #expect(try test.fast(Double.self)[0].values.prefix(3) == [0, 0, 0])
    }

    @Test func shapeRuleNamesWhatIsWrong() throws {
        let query = Fact(.f32, [.symbolic("batch"), 5, 4, 8])
        let key = Fact(.f32, [.symbolic("batch"), 7, 2, 8])
        let facts = try Attention(scale: 1).infer([query, key, key])
        #expect(facts.map { $0.shape?.text } == ["[batch, 5, 4, 8]", "[batch, 4, 5, 7]"])
        let odd = Fact(.f32, [.symbolic("batch"), 7, 3, 8])
        #expect(throws: AssayError.self) { try Attention(scale: 1).infer([query, odd, odd]) }
        #expect(throws: AssayError.self) { try Attention(scale: 1).infer([query, key, Fact(.f32, [2, 6, 2, 8])]) }
        #expect(throws: AssayError.self) { try Attention(scale: 1).infer([query, key, key, Fact(.bool, [3, 7])]) }
        #expect(throws: AssayError.self) { try Attention(scale: 1).infer([query, key, key, Fact(.f32, [5, 7])]) }
        #expect(throws: AssayError.self) { try Attention(scale: 1, window: 0).infer([query, key, key]) }
    }
}
