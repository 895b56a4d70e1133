// LSTM: long short-term memory as Keras computes it, with gates in the order i, f, c, o.

import AssayGraph
import AssayTensors

/// Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).
///
/// Operands: x `[batch, time, in]`, kernel `[in, 4u]` (gates i, f, c, o), recurrent kernel `[u, 4u]`, bias `[4u]` or none,
/// mask `[batch, time]` (bool) or none, initial hidden and cell state `[batch, u]` or none (zeros).
/// Results: sequence `[batch, time, u]`, hidden state `[batch, u]`, cell state `[batch, u]`.
/// A masked step keeps the states; its output is the one before (zeros before the first, or always when
/// `zeroOutputForMask`). What Keras returns as the last output is the last row of the sequence, which differs from the
/// hidden state when that step is masked.
public struct LSTM: RecurrentOperator {
    /// The name in the JSON form.
    public static let name = "LSTM"
    /// The formula.
    public static let formula = """
        (i, f, ĉ, o) = (r(zᵢ), r(z_f), a(z_c), r(z_o)), z = xₜ · W + hₜ₋₁ · U + b; cₜ = f · cₜ₋₁ + i · ĉ; hₜ = o · a(cₜ)
        """
    static let gateCount = 4
    static let biasCount = 1
    static let stateCount = 2

    /// a: of the candidate and of the cell state.
    public var activation: ActivationFunction
    /// r: of the gates.
    public var recurrentActivation: ActivationFunction
    /// Whether time is read from the end. The sequence then comes in the order of reading.
    public var goBackwards: Bool
    /// Whether the output of a masked step is zero.
    public var zeroOutputForMask: Bool

    /// An LSTM with Keras's activations unless others are given.
    public init(
        activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
        goBackwards: Bool = false, zeroOutputForMask: Bool = false
    ) {
        self.activation = activation
        self.recurrentActivation = recurrentActivation
        self.goBackwards = goBackwards
        self.zeroOutputForMask = zeroOutputForMask
    }

    /// Sums of `in + u` products, step after step.
    public var exactness: Exactness { .accumulating }

    /// The sequence and both states.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] { try inferRecurrent(operands) }

    /// Those of the products with both kernels.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { recurrentMultiplyAdds(operands) }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let kernel = operands[1], let recurrent = operands[2] else { throw mismatch("a kernel is missing") }
        let bias = operands[optional: 3]
        let units = recurrent.shape[0]
        return try referenceSequence(operands) { x, states in
            let fromInput = referenceProduct(x, kernel, 0..<4 * units, bias: bias)
            let fromState = referenceProduct(states[0], recurrent, 0..<4 * units, bias: nil)
            let z = zip(fromInput, fromState).map { $0 + $1 }
            var (hidden, cell) = (states[0], states[1])
            for unit in 0..<units {
                let input = recurrentActivation.apply(z[unit])
                let forget = recurrentActivation.apply(z[units + unit])
                let candidate = activation.apply(z[2 * units + unit])
                let output = recurrentActivation.apply(z[3 * units + unit])
                cell[unit] = forget * cell[unit] + input * candidate
                hidden[unit] = output * activation.apply(cell[unit])
            }
            return [hidden, cell]
        }
    }

    /// Projected inputs and both states.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        layout(operands, scratchWidth: 0)?.workspaceCount ?? 0
    }

    /// One product for the inputs of many steps, one product a step for the states.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let recurrent = call.operand(2)
        let cell = LSTMCell<Scalar>(
            activation: activation, recurrentActivation: recurrentActivation, units: recurrent.shape[0],
            recurrent: recurrent.reals)
        runFast(call, cell: cell, scratchWidth: 0)
    }
}

/// One step of the fast path.
private struct LSTMCell<Scalar: FastScalar>: FastCell, @unchecked Sendable {
    let activation: ActivationFunction
    let recurrentActivation: ActivationFunction
    let units: Int
    let recurrent: UnsafePointer<Scalar>

    func step(_ step: RecurrentStep<Scalar>) {
        Scalar.matrixProduct(
            transposeA: false, transposeB: false, m: step.rows, n: 4 * units, k: units, alpha: 1, step.states[0],
            lda: units, recurrent, ldb: 4 * units, beta: 1, step.gates, ldc: step.gateStride)
        for row in 0..<step.rows where step.isActive(row) {
            let gates = step.gates + row * step.gateStride
            let (input, forget, candidate, output) = (gates, gates + units, gates + 2 * units, gates + 3 * units)
            let hidden = step.states[0] + row * units
            let cell = step.states[1] + row * units
            recurrentActivation.apply(input, count: 2 * units)
            activation.apply(candidate, count: units)
            recurrentActivation.apply(output, count: units)
            for unit in 0..<units { cell[unit] = forget[unit] * cell[unit] + input[unit] * candidate[unit] }
            hidden.update(from: cell, count: units)
            activation.apply(hidden, count: units)
            for unit in 0..<units { hidden[unit] *= output[unit] }
        }
    }
}
