// What LSTM, GRU and SimpleRNN have in common: the order of their operands and the shape rule.

import AssayGraph
import AssayTensors

/// An operator that carries states over the time steps of a sequence.
///
/// Operands: x `[batch, time, in]`, kernel `[in, gates · units]`, recurrent kernel `[units, gates · units]`, then
/// `biasCount` biases `[gates · units]`, a mask `[batch, time]` (bool, true where a step counts), and `stateCount` initial
/// states `[batch, units]`; all from the biases on may be left out (states begin at zero).
/// Results: the sequence `[batch, time, units]` and the last value of each state `[batch, units]`.
protocol RecurrentOperator: Operator {
    /// How many blocks of `units` columns the kernels have.
    static var gateCount: Int { get }
    /// How many biases there can be.
    static var biasCount: Int { get }
    /// How many states are carried; the first is the output.
    static var stateCount: Int { get }

    /// Whether time is read from the end. The sequence then comes in the order of reading.
    var goBackwards: Bool { get }
    /// Whether the output of a masked step is zero; else it is the output of the step before (zero before the first).
    var zeroOutputForMask: Bool { get }
}

extension RecurrentOperator {
    static var maskIndex: Int { 3 + biasCount }

    static func stateIndex(_ state: Int) -> Int { maskIndex + 1 + state }

    func inferRecurrent(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        let units = try recurrentUnits(operands)
        let columns = units * .known(Self.gateCount)
        for index in 3..<Self.maskIndex { try check(operands, index, "bias", [columns]) }
        guard let shape = x.shape else {
            return [Fact](repeating: Fact(x.type, nil), count: 1 + Self.stateCount)
        }
        guard shape.count == 3 else {
            throw mismatch("wrong input", expected: "[batch, time, features]", found: shape.text)
        }
        let kernel = try requireReal(operands, 1, "the kernel")
        if let width = kernel.shape?.first, !width.isCompatible(with: shape[2]) {
            throw mismatch("wrong input width", expected: width.description, found: shape.text)
        }
        try check(operands, Self.maskIndex, "mask", [shape[0], shape[1]], type: .bool)
        for state in 0..<Self.stateCount {
            try check(operands, Self.stateIndex(state), "initial state", [shape[0], units])
        }
        let state = Fact(x.type, [shape[0], units])
        return [Fact(x.type, [shape[0], shape[1], units])] + [Fact](repeating: state, count: Self.stateCount)
    }

    private func recurrentUnits(_ operands: [Fact?]) throws(AssayError) -> Dimension {
        let kernel = try requireReal(operands, 1, "the kernel")
        let recurrent = try requireReal(operands, 2, "the recurrent kernel")
        guard let shape = recurrent.shape, shape.count == 2 else {
            throw mismatch("wrong recurrent kernel", expected: "two axes", found: recurrent.shape?.text)
        }
        let columns = shape[0] * .known(Self.gateCount)
        guard shape[1].isCompatible(with: columns) else {
            throw mismatch("wrong recurrent kernel", expected: [shape[0], columns].text, found: shape.text)
        }
        if let kernelShape = kernel.shape {
            guard kernelShape.count == 2, kernelShape[1].isCompatible(with: columns) else {
                throw mismatch("wrong kernel", expected: "\(columns) columns", found: kernelShape.text)
            }
        }
        return shape[0]
    }

    /// Multiply–adds of the products with both kernels.
    func recurrentMultiplyAdds(_ operands: [Shape?]) -> Int {
        guard operands.count > 2, let x = operands[0], let kernel = operands[1], let recurrent = operands[2],
            x.rank == 3
        else { return 0 }
        return x[0] * x[1] * (kernel.count + recurrent.count)
    }
}
