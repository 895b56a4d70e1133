// ConvolutionalLSTM: the steps of an LSTM over images, whose states are convolved.

import AssayGraph
import AssayTensors

/// The recurrence of a convolutional LSTM (Shi et al. 2015) without peepholes, as ConvLSTM of Keras computes it.
///
/// Operands: z `[batch, time, spatial…, 4u]`, the convolved inputs with their bias (gates i, f, c, o); recurrent kernel
/// `[window…, u, 4u]`; mask `[batch, time]` (bool, true where a step counts) or none; initial hidden and cell state
/// `[batch, spatial…, u]` or none (zeros).
/// Results: sequence `[batch, time, spatial…, u]` in the order of reading, hidden state, cell state. A masked step keeps the
/// states, and its output is the one before (zeros before the first).
public struct ConvolutionalLSTM: Operator {
    /// The name in the JSON form.
    public static let name = "ConvolutionalLSTM"
    /// The formula.
    public static let formula = """
        (i, f, ĉ, o) = (r(zᵢ), r(z_f), a(z_c), r(z_o)) + hₜ₋₁ ∗ U inside; cₜ = f · cₜ₋₁ + i · ĉ; hₜ = o · a(cₜ)
        """
    /// a: of the candidate and of the cell state.
    public var activation: ActivationFunction
    /// r: of the gates.
    public var recurrentActivation: ActivationFunction
    /// Whether time is read from the end.
    public var goBackwards: Bool

    /// The recurrence with Keras's activations unless others are given.
    public init(
        activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
        goBackwards: Bool = false
    ) {
        self.activation = activation
        self.recurrentActivation = recurrentActivation
        self.goBackwards = goBackwards
    }

    /// Sums over the window and the units, step after step.
    public var exactness: Exactness { .accumulating }

    /// The convolution of the hidden state, which keeps its extents.
    private func convolution(axes count: Int) -> Convolution {
        let ones = [Int](repeating: 1, count: count)
        return Convolution(strides: ones, padding: .same, dilations: ones)
    }

    /// The sequence and both states.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let z = try requireReal(operands, 0, "the input")
        let kernel = try requireReal(operands, 1, "the recurrent kernel")
        guard let weights = kernel.shape, (3...5).contains(weights.count) else {
            throw mismatch("wrong recurrent kernel", expected: "three to five axes", found: kernel.shape?.text)
        }
        let (units, columns) = (weights[weights.count - 2], weights[weights.count - 1])
        guard columns.isCompatible(with: units * 4) else {
            throw mismatch("wrong recurrent kernel", expected: "\(units * 4) columns", found: weights.text)
        }
        guard let shape = z.shape else { return [Fact](repeating: Fact(z.type, nil), count: 3) }
        guard shape.count == weights.count + 1, shape[shape.count - 1].isCompatible(with: columns) else {
            throw mismatch("wrong input", expected: "\(weights.count + 1) axes, \(columns) gates", found: shape.text)
        }
        let spatial = Array(shape[2..<shape.count - 1])
        let state = [shape[0]] + spatial + [units]
        _ = try convolution(axes: spatial.count).infer([Fact(z.type, state), kernel])
        try check(operands, 2, "mask", [shape[0], shape[1]], type: .bool)
        for index in 3...4 { try check(operands, index, "initial state", state) }
        let sequence = [shape[0], shape[1]] + spatial + [units]
        return [Fact(z.type, sequence), Fact(z.type, state), Fact(z.type, state)]
    }

    /// Those of the convolutions of the hidden state.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        guard operands.count > 1, let kernel = operands[1], let units = kernel.extents.dropLast().last, units > 0,
            let sequence = results.first
        else { return 0 }
        return sequence.count / units * kernel.count
    }

    /// By the definition, one step of all sequences after the other.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (z, kernel) = (try given(operands, 0), try given(operands, 1))
        let sizes = ConvolutionalSizes(z.shape)
        var hidden = operands[optional: 3] ?? ReferenceTensor(z.type, zeros: sizes.state)
        var cell = operands[optional: 4] ?? ReferenceTensor(z.type, zeros: sizes.state)
        var output = ReferenceTensor(z.type, zeros: sizes.state)
        var sequence = ReferenceTensor(z.type, zeros: sizes.sequence)
        for index in 0..<sizes.time {
            let moment = goBackwards ? sizes.time - 1 - index : index
            let fromState = try convolution(axes: sizes.state.count - 2).reference([hidden, kernel])[0]
            for item in 0..<sizes.batch where operands[optional: 2]?.values[item * sizes.time + moment] != 0 {
                for place in item * sizes.positions..<(item + 1) * sizes.positions {
                    let gates = ((item * sizes.time + moment) * sizes.positions + place % sizes.positions) * 4
                    for unit in 0..<sizes.units {
                        func gate(_ number: Int) -> Double {
                            z.values[(gates + number) * sizes.units + unit]
                                + fromState.values[(place * 4 + number) * sizes.units + unit]
                        }
                        let at = place * sizes.units + unit
                        cell.values[at] =
                            recurrentActivation.apply(gate(1)) * cell.values[at] + recurrentActivation.apply(gate(0))
                            * activation.apply(gate(2))
                        hidden.values[at] = recurrentActivation.apply(gate(3)) * activation.apply(cell.values[at])
                        output.values[at] = hidden.values[at]
                    }
                }
            }
            let size = sizes.positions * sizes.units
            for item in 0..<sizes.batch {
                for element in 0..<size {
                    sequence.values[(item * sizes.time + index) * size + element] = output.values[item * size + element]
                }
            }
        }
        return [sequence, hidden, cell]
    }
}

/// The sizes of one evaluation, by the shape of the convolved inputs.
private struct ConvolutionalSizes {
    let (batch, time, positions, units): (Int, Int, Int, Int)
    /// The shapes of a state, of the gates of one step, and of the sequence.
    let (state, gates, sequence): ([Int], [Int], [Int])

    init(_ z: [Int]) {
        let spatial = Array(z[2..<z.count - 1])
        (batch, time) = (z[0], z[1])
        positions = spatial.reduce(1, *)
        units = z[z.count - 1] / 4
        state = [batch] + spatial + [units]
        gates = [batch] + spatial + [4 * units]
        sequence = [batch, time] + spatial + [units]
    }

    var stateCount: Int { batch * positions * units }
}

// MARK: Fast

extension ConvolutionalLSTM {
    /// Both states, the gates from the hidden state, and what its convolution needs.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        guard operands.count > 1, let z = operands[0], let kernel = operands[1], z.rank == kernel.rank + 1 else {
            return 0
        }
        let sizes = ConvolutionalSizes(z.extents)
        let inner = convolution(axes: kernel.rank - 2).workspaceCount(
            [Shape(sizes.state), kernel], [Shape(sizes.gates)], threads: threads)
        return 6 * sizes.stateCount + inner
    }

    /// One convolution a step, then the gates position by position.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (z, kernel) = (call.operand(0), call.operand(1))
        let sizes = ConvolutionalSizes(z.shape)
        let hidden = FastTensor<Scalar>(type: z.type, shape: sizes.state, start: call.workspace)
        let cell = call.workspace + sizes.stateCount
        let gates = FastTensor<Scalar>(type: z.type, shape: sizes.gates, start: call.workspace + 2 * sizes.stateCount)
        set(hidden.reals, to: call.optional(3), sizes.stateCount)
        set(cell, to: call.optional(4), sizes.stateCount)
        let convolve = FastCall(
            operands: [hidden, kernel], results: [gates], threads: call.threads,
            workspace: call.workspace + 6 * sizes.stateCount)
        let size = sizes.positions * sizes.units
        for index in 0..<sizes.time {
            let moment = goBackwards ? sizes.time - 1 - index : index
            try convolution(axes: sizes.state.count - 2).fast(convolve)
            for item in 0..<sizes.batch {
                let isActive = call.optional(2).map { $0.booleans[item * sizes.time + moment] != 0 } ?? true
                if isActive {
                    step(
                        z.reals + (item * sizes.time + moment) * 4 * size, gates.reals + item * 4 * size,
                        hidden.reals + item * size, cell + item * size, sizes)
                }
                guard let sequence = call.results[0]?.reals else { continue }
                let target = sequence + (item * sizes.time + index) * size
                if isActive {
                    target.update(from: hidden.reals + item * size, count: size)
                } else if index > 0 {
                    target.update(from: target - size, count: size)
                } else {
                    target.update(repeating: 0, count: size)
                }
            }
        }
        call.results[1]?.reals.update(from: hidden.reals, count: sizes.stateCount)
        call.results[2]?.reals.update(from: cell, count: sizes.stateCount)
    }

    private func set<Scalar: FastScalar>(
        _ state: UnsafeMutablePointer<Scalar>, to initial: FastTensor<Scalar>?, _ count: Int
    ) {
        if let initial {
            state.update(from: initial.reals, count: count)
        } else {
            state.update(repeating: 0, count: count)
        }
    }

    /// Moves the states of one item on; uses the gates up.
    private func step<Scalar: FastScalar>(
        _ z: UnsafePointer<Scalar>, _ gates: UnsafeMutablePointer<Scalar>, _ hidden: UnsafeMutablePointer<Scalar>,
        _ cell: UnsafeMutablePointer<Scalar>, _ sizes: ConvolutionalSizes
    ) {
        let units = sizes.units
        for place in 0..<sizes.positions {
            let gate = gates + place * 4 * units
            for index in 0..<4 * units { gate[index] += z[place * 4 * units + index] }
            recurrentActivation.apply(gate, count: 2 * units)
            activation.apply(gate + 2 * units, count: units)
            recurrentActivation.apply(gate + 3 * units, count: units)
            let (h, c) = (hidden + place * units, cell + place * units)
            for unit in 0..<units { c[unit] = gate[units + unit] * c[unit] + gate[unit] * gate[2 * units + unit] }
            h.update(from: c, count: units)
            activation.apply(h, count: units)
            for unit in 0..<units { h[unit] *= gate[3 * units + unit] }
        }
    }
}
