// GRUCell: kernels with the gates z, r, h; with reset_after, a bias for each kernel.

import AssayGraph
import AssayOperators
import AssayTensors

/// The cell of GRU.
struct GRUCellPart: RecurrentCell {
    static let className = "GRUCell"

    private let units: Int
    private let usesBias: Bool
    private let resetsAfter: Bool
    private let activation: ActivationFunction
    private let recurrentActivation: ActivationFunction

    init?(_ configuration: KerasConfiguration) throws(AssayError) {
        units = try configuration.count("units")
        usesBias = try configuration.boolean("use_bias", default: true)
        // Files from before the argument was there reset before the product.
        resetsAfter = try configuration.boolean("reset_after", default: configuration.generation == .keras3)
        guard let activation = try configuration.activation(default: "tanh").elementFunction,
            let recurrent = try configuration.activation("recurrent_activation", default: "sigmoid").elementFunction
        else { return nil }
        self.activation = activation
        recurrentActivation = recurrent
    }

    var stateCount: Int { 1 }

    func read(_ input: RecurrentInput, _ call: KerasCall) throws(AssayError) -> RecurrentOutput {
        let columns = Dimension.known(3 * units)
        let kernel = try call.weight("kernel", [call.width(of: input.sequence), columns])
        let recurrent = try call.weight("recurrent_kernel", [.known(units), columns])
        let biases = try self.biases(columns, call)
        let cell = GRU(
            activation: activation, recurrentActivation: recurrentActivation, resetAfter: resetsAfter,
            goBackwards: input.goesBackwards, zeroOutputForMask: input.zeroesMasked)
        let results = try call.addAll(
            cell, [input.sequence, kernel, recurrent, biases.input, biases.recurrent, input.mask] + input.states)
        return RecurrentOutput(sequence: results[0], states: Array(results.dropFirst()))
    }

    /// The biases of the kernel and of the recurrent kernel: one weight of two rows where there are both.
    private func biases(
        _ columns: Dimension, _ call: KerasCall
    ) throws(AssayError) -> (input: ValueID?, recurrent: ValueID?) {
        guard usesBias else { return (nil, nil) }
        guard resetsAfter else { return (try call.weight("bias", [columns]), nil) }
        let both = try call.weight("bias", [2, columns])
        let row = { (index: Int32) throws(AssayError) -> ValueID in
            try call.add(Gather(axis: 0), both, call.constant(Tensor([index], shape: [])))
        }
        return (try row(0), try row(1))
    }
}
