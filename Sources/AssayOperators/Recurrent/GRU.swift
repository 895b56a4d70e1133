// GRU: the gated recurrent unit as Keras computes it, with gates in the order z, r, h.

import AssayGraph
import AssayTensors

/// The gated recurrent unit (Cho et al. 2014); with `resetAfter` the variant of cuDNN, which resets the product with the
/// recurrent kernel instead of the state that goes into it.
///
/// Operands: x `[batch, time, in]`, kernel `[in, 3u]` (gates z, r, h), recurrent kernel `[u, 3u]`, bias `[3u]` or none,
/// recurrent bias `[3u]` or none (only with `resetAfter`), mask `[batch, time]` (bool) or none, initial state `[batch, u]`
/// or none (zeros). Results: sequence `[batch, time, u]`, hidden state `[batch, u]`. Masks as in `LSTM`.
public struct GRU: RecurrentOperator {
    /// The name in the JSON form.
    public static let name = "GRU"
    /// The formula.
    public static let formula = """
        z, r = s(x · W + b + h · U + b′); ĥ = a(x · Wₕ + bₕ + (r · h) · Uₕ), or a(x · Wₕ + bₕ + r · (h · Uₕ + b′ₕ)) when \
        resetAfter; h ← z · h + (1 − z) · ĥ
        """
    static let gateCount = 3
    static let biasCount = 2
    static let stateCount = 1

    /// a: of the candidate.
    public var activation: ActivationFunction
    /// s: of the gates.
    public var recurrentActivation: ActivationFunction
    /// Whether the reset gate acts after the product with the recurrent kernel.
    public var resetAfter: Bool
    /// Whether time is read from the end. The sequence then comes in the order of reading.
    public var goBackwards: Bool
    /// Whether the output of a masked step is zero.
    public var zeroOutputForMask: Bool

    /// A GRU with Keras's activations unless others are given.
    public init(
        activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
        resetAfter: Bool = true, goBackwards: Bool = false, zeroOutputForMask: Bool = false
    ) {
        self.activation = activation
        self.recurrentActivation = recurrentActivation
        self.resetAfter = resetAfter
        self.goBackwards = goBackwards
        self.zeroOutputForMask = zeroOutputForMask
    }

    /// Sums of `in + u` products, step after step.
    public var exactness: Exactness { .accumulating }

    /// The sequence and the state.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        if !resetAfter, operands.count > 4, operands[4] != nil {
            throw mismatch("a recurrent bias needs resetAfter")
        }
        return try inferRecurrent(operands)
    }

    /// Those of the products with both kernels.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { recurrentMultiplyAdds(operands) }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let kernel = operands[1], let recurrent = operands[2] else { throw mismatch("a kernel is missing") }
        let bias = operands[optional: 3]
        let recurrentBias = operands[optional: 4]
        let units = recurrent.shape[0]
        return try referenceSequence(operands) { x, states in
            let hidden = states[0]
            let fromInput = referenceProduct(x, kernel, 0..<3 * units, bias: bias)
            let fromState = referenceProduct(hidden, recurrent, 0..<2 * units, bias: recurrentBias)
            let gates = (0..<2 * units).map { recurrentActivation.apply(fromInput[$0] + fromState[$0]) }
            let (update, reset) = (gates[..<units], Array(gates[units...]))
            let candidateColumns = 2 * units..<3 * units
            let inner: [Double]
            if resetAfter {
                let product = referenceProduct(hidden, recurrent, candidateColumns, bias: recurrentBias)
                inner = zip(reset, product).map { $0 * $1 }
            } else {
                inner = referenceProduct(zip(reset, hidden).map { $0 * $1 }, recurrent, candidateColumns, bias: nil)
            }
            return [
                (0..<units).map { unit in
                    let candidate = activation.apply(fromInput[2 * units + unit] + inner[unit])
                    return update[unit] * hidden[unit] + (1 - update[unit]) * candidate
                }
            ]
        }
    }

    /// Projected inputs, the state, and its product with the recurrent kernel.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        layout(operands, scratchWidth: scratchWidth(operands))?.workspaceCount ?? 0
    }

    /// The product with the recurrent kernel, or the state after reset.
    private func scratchWidth(_ operands: [Shape?]) -> Int {
        guard operands.count > 2, let recurrent = operands[2], recurrent.rank == 2 else { return 0 }
        return resetAfter ? recurrent[1] : recurrent[0]
    }

    /// One product for the inputs of many steps, one or two products a step for the states.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let recurrent = call.operand(2)
        let cell = GRUCell<Scalar>(
            activation: activation, recurrentActivation: recurrentActivation, resetAfter: resetAfter,
            units: recurrent.shape[0], recurrent: recurrent.reals,
            recurrentBias: call.optional(4).map { UnsafePointer($0.reals) })
        runFast(call, cell: cell, scratchWidth: recurrent.shape[resetAfter ? 1 : 0])
    }
}

/// One step of the fast path.
private struct GRUCell<Scalar: FastScalar>: FastCell, @unchecked Sendable {
    let activation: ActivationFunction
    let recurrentActivation: ActivationFunction
    let resetAfter: Bool
    let units: Int
    let recurrent: UnsafePointer<Scalar>
    let recurrentBias: UnsafePointer<Scalar>?

    func step(_ step: RecurrentStep<Scalar>) {
        if resetAfter { stepResetAfter(step) } else { stepResetBefore(step) }
    }

    private func stepResetAfter(_ step: RecurrentStep<Scalar>) {
        let columns = 3 * units
        if let recurrentBias {
            for row in 0..<step.rows { (step.scratch + row * columns).update(from: recurrentBias, count: columns) }
        }
        Scalar.matrixProduct(
            transposeA: false, transposeB: false, m: step.rows, n: columns, k: units, alpha: 1, step.states[0],
            lda: units, recurrent, ldb: columns, beta: recurrentBias == nil ? 0 : 1, step.scratch, ldc: columns)
        for row in 0..<step.rows where step.isActive(row) {
            let gates = step.gates + row * step.gateStride
            let product = step.scratch + row * columns
            for column in 0..<2 * units { gates[column] += product[column] }
            recurrentActivation.apply(gates, count: 2 * units)
            let (reset, candidate) = (gates + units, gates + 2 * units)
            for unit in 0..<units { candidate[unit] += reset[unit] * product[2 * units + unit] }
            finish(gates, step.states[0] + row * units)
        }
    }

    private func stepResetBefore(_ step: RecurrentStep<Scalar>) {
        let columns = 3 * units
        Scalar.matrixProduct(
            transposeA: false, transposeB: false, m: step.rows, n: 2 * units, k: units, alpha: 1, step.states[0],
            lda: units, recurrent, ldb: columns, beta: 1, step.gates, ldc: step.gateStride)
        for row in 0..<step.rows {
            let gates = step.gates + row * step.gateStride
            let hidden = step.states[0] + row * units
            let resetState = step.scratch + row * units
            recurrentActivation.apply(gates, count: 2 * units)
            for unit in 0..<units { resetState[unit] = gates[units + unit] * hidden[unit] }
        }
        Scalar.matrixProduct(
            transposeA: false, transposeB: false, m: step.rows, n: units, k: units, alpha: 1, step.scratch,
            lda: units, recurrent + 2 * units, ldb: columns, beta: 1, step.gates + 2 * units, ldc: step.gateStride)
        for row in 0..<step.rows where step.isActive(row) {
            finish(step.gates + row * step.gateStride, step.states[0] + row * units)
        }
    }

    /// The new state of one sequence from the update gate and the candidate before its activation.
    private func finish(_ gates: UnsafeMutablePointer<Scalar>, _ hidden: UnsafeMutablePointer<Scalar>) {
        let candidate = gates + 2 * units
        activation.apply(candidate, count: units)
        for unit in 0..<units {
            hidden[unit] = gates[unit] * hidden[unit] + (1 - gates[unit]) * candidate[unit]
        }
    }
}
