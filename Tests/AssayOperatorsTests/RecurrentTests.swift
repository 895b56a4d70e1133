// LSTM, GRU and SimpleRNN: random cases through every runner.

import AssayGraph
import AssayTensors
import Testing

@testable import AssayOperators

/// The operands of one recurrent case.
private struct RecurrentOperands {
    let (batch, time, width, units): (Int, Int, Int, Int)
    var random: RandomOperands

    init(_ batch: Int, _ time: Int, _ width: Int, _ units: Int, seed: UInt64) {
        (self.batch, self.time, self.width, self.units) = (batch, time, width, units)
        random = RandomOperands(seed: seed)
    }

    /// x and both kernels.
    mutating func kernels(gates: Int) -> [ReferenceTensor?] {
        [
            random.reals([batch, time, width]), random.reals([width, gates * units]),
            random.reals([units, gates * units], scale: 0.7),
        ]
    }

    mutating func bias(gates: Int) -> ReferenceTensor { random.reals([gates * units]) }
    mutating func state() -> ReferenceTensor { random.reals([batch, units]) }

    /// A mask whose first sequence counts nowhere.
    mutating func mask() -> ReferenceTensor {
        var mask = random.booleans([batch, time])
        for step in 0..<time { mask.values[step] = 0 }
        return mask
    }
}

let recurrentCases: [OperatorCase] = lstmCases + gruCases + simpleCases

let lstmCases: [OperatorCase] = {
    var cases: [OperatorCase] = []
    for (seed, sizes) in [(1, 5, 3, 4), (3, 7, 5, 3), (3, 1, 1, 1), (2, 0, 3, 2)].enumerated() {
        var make = RecurrentOperands(sizes.0, sizes.1, sizes.2, sizes.3, seed: UInt64(seed))
        let kernels = make.kernels(gates: 4)
        let bias = make.bias(gates: 4)
        cases.append(OperatorCase("\(sizes), no bias", LSTM(), kernels))
        cases.append(OperatorCase("\(sizes), mask", LSTM(), kernels + [bias, make.mask()]))
        cases.append(
            OperatorCase(
                "\(sizes), backwards, mask, states, zero output", LSTM(goBackwards: true, zeroOutputForMask: true),
                kernels + [bias, make.mask(), make.state(), make.state()]))
        cases.append(
            OperatorCase(
                "\(sizes), other activations, mask, hidden state",
                LSTM(
                    activation: .relu(), recurrentActivation: .hardSigmoid(slope: 0.2, offset: 0.5), goBackwards: true),
                kernels + [nil, make.mask(), make.state()]))
    }
    return cases
}()

let gruCases: [OperatorCase] = {
    var cases: [OperatorCase] = []
    for (seed, sizes) in [(1, 5, 3, 4), (3, 7, 5, 3), (3, 1, 1, 1)].enumerated() {
        var make = RecurrentOperands(sizes.0, sizes.1, sizes.2, sizes.3, seed: UInt64(100 + seed))
        let kernels = make.kernels(gates: 3)
        let (bias, recurrentBias) = (make.bias(gates: 3), make.bias(gates: 3))
        for resetAfter in [false, true] {
            let form = "\(sizes), reset \(resetAfter ? "after" : "before")"
            cases.append(OperatorCase("\(form), no bias", GRU(resetAfter: resetAfter), kernels))
            cases.append(
                OperatorCase(
                    "\(form), biases, mask, state, backwards", GRU(resetAfter: resetAfter, goBackwards: true),
                    kernels + [bias, resetAfter ? recurrentBias : nil, make.mask(), make.state()]))
            cases.append(
                OperatorCase(
                    "\(form), bias, mask, zero output", GRU(resetAfter: resetAfter, zeroOutputForMask: true),
                    kernels + [bias, nil, make.mask()]))
        }
    }
    return cases
}()

let simpleCases: [OperatorCase] = {
    var cases: [OperatorCase] = []
    for (seed, sizes) in [(1, 5, 3, 4), (3, 7, 5, 3)].enumerated() {
        var make = RecurrentOperands(sizes.0, sizes.1, sizes.2, sizes.3, seed: UInt64(200 + seed))
        let kernels = make.kernels(gates: 1)
        cases.append(OperatorCase("\(sizes), no bias", SimpleRNN(), kernels))
        cases.append(
            OperatorCase(
                "\(sizes), bias, mask, state, backwards", SimpleRNN(activation: .sigmoid, goBackwards: true),
                kernels + [make.bias(gates: 1), make.mask(), make.state()]))
    }
    return cases
}()

/// Large enough for several groups, several threads, and several blocks of steps.
let largeRecurrentCases: [OperatorCase] = {
    var make = RecurrentOperands(70, 40, 24, 32, seed: 7)
    let mask = make.mask()
    var long = RecurrentOperands(3, 1300, 2, 80, seed: 8)
    return [
        OperatorCase("70 sequences", LSTM(), make.kernels(gates: 4) + [nil, mask]),
        OperatorCase("70 sequences", GRU(goBackwards: true), make.kernels(gates: 3) + [nil, nil, mask]),
        OperatorCase("blocks of steps", LSTM(goBackwards: true), long.kernels(gates: 4)),
    ]
}()

@Suite struct RecurrentTests {
    @Test(arguments: recurrentCases) func agreesWithReference(_ test: OperatorCase) throws { try test.check() }

    @Test(arguments: largeRecurrentCases) func threadsChangeNothing(_ test: OperatorCase) throws {
        try test.checkThreads()
    }

    @Test func blocksOfStepsChangeNothing() throws {
        // The end of a long sequence, read backwards, comes first: a short case without blocks must agree.
        var make = RecurrentOperands(3, 1300, 2, 80, seed: 9)
        let kernels = make.kernels(gates: 4)
        let x = try #require(kernels[0])
        let operation = LSTM(goBackwards: true)
        let long = try OperatorCase("long", operation, kernels).fast(Double.self)[0]
        let end: [ReferenceTensor?] = [steps(1290..<1300, of: x)]
        let short = try OperatorCase("short", operation, end + kernels.dropFirst()).fast(Double.self)[0]
        short.expectClose(steps(0..<10, of: long), relative: 1e-12, "first steps")
    }

    /// Some steps of every sequence.
    private func steps(_ range: Range<Int>, of value: ReferenceTensor) -> ReferenceTensor {
        let (batch, time, width) = (value.shape[0], value.shape[1], value.shape[2])
        var part = ReferenceTensor(value.type, zeros: [batch, range.count, width])
        for index in 0..<part.count {
            let place = part.position(index)
            part.values[index] = value.values[(place[0] * time + range.lowerBound + place[1]) * width + place[2]]
        }
        return part
    }

    @Test func maskedStepsRepeatOutputsAndKeepStates() throws {
        var make = RecurrentOperands(1, 4, 2, 3, seed: 5)
        let kernels = make.kernels(gates: 4)
        let mask = ReferenceTensor(.bool, [1, 4], [0, 1, 0, 0])
        let state = make.state()
        let results = try LSTM().reference(kernels + [nil, mask, state, state])
        let rows = (0..<4).map { steps($0..<$0 + 1, of: results[0]).values }
        #expect(rows[0] == [0, 0, 0])
        #expect(rows[2] == rows[1])
        #expect(rows[3] == rows[1])
        #expect(results[1].values == rows[1])
    }

    @Test func unwantedResultsAreLeftOut() throws {
        var make = RecurrentOperands(2, 3, 2, 4, seed: 6)
        let test = OperatorCase("states only", LSTM(), make.kernels(gates: 4))
        let all = try test.fast(Double.self)
        #expect(try test.fast(Double.self, wanted: [false, true, false])[1].values == all[1].values)
    }

    @Test func shapeRuleNamesWhatIsWrong() {
        let x = Fact(.f32, [.symbolic("batch"), .symbolic("time"), 3])
        #expect(throws: AssayError.self) { try LSTM().infer([x, Fact(.f32, [3, 15]), Fact(.f32, [4, 16])]) }
        #expect(throws: AssayError.self) { try LSTM().infer([x, Fact(.f32, [2, 16]), Fact(.f32, [4, 16])]) }
        #expect(throws: AssayError.self) { try LSTM().infer([Fact(.i32, [2, 3, 3]), Fact(.f32, [3, 16]), nil]) }
        #expect(throws: AssayError.self) {
            try GRU(resetAfter: false).infer(
                [x, Fact(.f32, [3, 12]), Fact(.f32, [4, 12]), nil, Fact(.f32, [12])])
        }
    }

    @Test func symbolsAreCarried() throws {
        let x = Fact(.f32, [.symbolic("batch"), .symbolic("time"), 3])
        let facts = try LSTM().infer([x, Fact(.f32, [3, 16]), Fact(.f32, [4, 16])])
        #expect(facts.map { $0.shape?.text } == ["[batch, time, 4]", "[batch, 4]", "[batch, 4]"])
    }
}
