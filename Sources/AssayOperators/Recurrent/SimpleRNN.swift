// SimpleRNN: the fully connected recurrent layer (Elman 1990).

import AssayGraph
import AssayTensors

/// The fully connected recurrent layer.
///
/// Operands: x `[batch, time, in]`, kernel `[in, u]`, recurrent kernel `[u, u]`, bias `[u]` or none, mask `[batch, time]`
/// (bool) or none, initial state `[batch, u]` or none (zeros).
/// Results: sequence `[batch, time, u]`, hidden state `[batch, u]`. Masks as in `LSTM`.
public struct SimpleRNN: RecurrentOperator {
    /// The name in the JSON form.
    public static let name = "SimpleRNN"
    /// The formula.
    public static let formula = "hₜ = a(xₜ · W + hₜ₋₁ · U + b)"
    static let gateCount = 1
    static let biasCount = 1
    static let stateCount = 1

    /// a.
    public var activation: ActivationFunction
    /// Whether time is read from the end. The sequence then comes in the order of reading.
    public var goBackwards: Bool
    /// Whether the output of a masked step is zero.
    public var zeroOutputForMask: Bool

    /// A recurrent layer with Keras's activation unless another is given.
    public init(activation: ActivationFunction = .tanh, goBackwards: Bool = false, zeroOutputForMask: Bool = false) {
        self.activation = activation
        self.goBackwards = goBackwards
        self.zeroOutputForMask = zeroOutputForMask
    }

    /// Sums of `in + u` products, step after step.
    public var exactness: Exactness { .accumulating }

    /// The sequence and the state.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] { try inferRecurrent(operands) }

    /// Those of the products with both kernels.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { recurrentMultiplyAdds(operands) }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let kernel = operands[1], let recurrent = operands[2] else { throw mismatch("a kernel is missing") }
        let bias = operands[optional: 3]
        let units = recurrent.shape[0]
        return try referenceSequence(operands) { x, states in
            let fromInput = referenceProduct(x, kernel, 0..<units, bias: bias)
            let fromState = referenceProduct(states[0], recurrent, 0..<units, bias: nil)
            return [zip(fromInput, fromState).map { activation.apply($0 + $1) }]
        }
    }

    /// Projected inputs and the state.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        layout(operands, scratchWidth: 0)?.workspaceCount ?? 0
    }

    /// One product for the inputs of many steps, one product a step for the state.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let recurrent = call.operand(2)
        let cell = SimpleCell<Scalar>(
            activation: activation, units: recurrent.shape[0], recurrent: recurrent.reals)
        runFast(call, cell: cell, scratchWidth: 0)
    }
}

/// One step of the fast path.
private struct SimpleCell<Scalar: FastScalar>: FastCell, @unchecked Sendable {
    let activation: ActivationFunction
    let units: Int
    let recurrent: UnsafePointer<Scalar>

    func step(_ step: RecurrentStep<Scalar>) {
        Scalar.matrixProduct(
            transposeA: false, transposeB: false, m: step.rows, n: units, k: units, alpha: 1, step.states[0],
            lda: units, recurrent, ldb: units, beta: 1, step.gates, ldc: step.gateStride)
        for row in 0..<step.rows where step.isActive(row) {
            let gates = step.gates + row * step.gateStride
            activation.apply(gates, count: units)
            (step.states[0] + row * units).update(from: gates, count: units)
        }
    }
}
