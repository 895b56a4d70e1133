// The cells of CuDNNLSTM and CuDNNGRU (Keras 2 up to TensorFlow 1.15): weights as cuDNN lays them out, turned into Keras's
// own layout on the way.

import AssayGraph
import AssayOperators
import AssayTensors

/// The cell of CuDNNLSTM: its biases of kernel and recurrent kernel add up.
struct CuDNNLSTMCellPart: RecurrentCell {
    static let className = "CuDNNLSTMCell"

    private let units: Int

    init?(_ configuration: KerasConfiguration) throws(AssayError) {
        units = try configuration.count("units")
    }

    var stateCount: Int { 2 }

    func read(_ input: RecurrentInput, _ call: KerasCall) throws(AssayError) -> RecurrentOutput {
        let weights = try CuDNNWeights(gates: 4, units: units, input: input.sequence, call)
        let bias = try call.add(Reduce(.sum, axes: [0], keepDimensions: false), weights.biases)
        let cell = LSTM(goBackwards: input.goesBackwards, zeroOutputForMask: input.zeroesMasked)
        let results = try call.addAll(
            cell, [input.sequence, weights.kernel, weights.recurrent, bias, input.mask] + input.states)
        return RecurrentOutput(sequence: results[0], states: Array(results.dropFirst()))
    }
}

/// The cell of CuDNNGRU, which resets after the product.
struct CuDNNGRUCellPart: RecurrentCell {
    static let className = "CuDNNGRUCell"

    private let units: Int

    init?(_ configuration: KerasConfiguration) throws(AssayError) {
        units = try configuration.count("units")
    }

    var stateCount: Int { 1 }

    func read(_ input: RecurrentInput, _ call: KerasCall) throws(AssayError) -> RecurrentOutput {
        let weights = try CuDNNWeights(gates: 3, units: units, input: input.sequence, call)
        let row = { (index: Int32) throws(AssayError) -> ValueID in
            try call.add(Gather(axis: 0), weights.biases, call.constant(Tensor([index], shape: [])))
        }
        let cell = GRU(goBackwards: input.goesBackwards, zeroOutputForMask: input.zeroesMasked)
        let results = try call.addAll(
            cell,
            [input.sequence, weights.kernel, weights.recurrent, try row(0), try row(1), input.mask] + input.states)
        return RecurrentOutput(sequence: results[0], states: Array(results.dropFirst()))
    }
}

/// The weights of a cuDNN cell in Keras's layout.
private struct CuDNNWeights {
    /// `[in, gates · units]`.
    let kernel: ValueID
    /// `[units, gates · units]`.
    let recurrent: ValueID
    /// Of the kernel and of the recurrent kernel, `[2, gates · units]`.
    let biases: ValueID

    /// Each gate's block of the kernel has its elements in the order of its transpose; each block of the recurrent kernel is
    /// a transpose. This is what Keras does when it loads such weights into LSTM and GRU.
    init(gates: Int, units: Int, input: ValueID, _ call: KerasCall) throws(AssayError) {
        let columns = Dimension.known(gates * units)
        let storedKernel = try call.weight("kernel", [call.width(of: input), columns])
        let storedRecurrent = try call.weight("recurrent_kernel", [.known(units), columns])
        let storedBias = try call.weight("bias", [.known(2 * gates * units)])
        let blocks = Reshape([.copied(axis: 0), .fixed(gates), .fixed(units)])
        let byGate = try call.add(Transpose(order: [1, 0, 2]), call.add(blocks, storedKernel))
        let turned = try call.add(Reshape([.fixed(gates), .fixed(units), .inferred]), byGate)
        let joined = Reshape([.copied(axis: 0), .product(of: 1..<3)])
        kernel = try call.add(joined, call.add(Transpose(order: [2, 0, 1]), turned))
        let recurrentBlocks = try call.add(blocks, storedRecurrent)
        recurrent = try call.add(joined, call.add(Transpose(order: [2, 1, 0]), recurrentBlocks))
        biases = try call.add(Reshape([.fixed(2), .fixed(gates * units)]), storedBias)
    }
}
