// LSTMCell: kernels with the gates i, f, c, o.

import AssayGraph
import AssayOperators
import AssayTensors

/// The cell of LSTM.
struct LSTMCellPart: RecurrentCell {
    static let className = "LSTMCell"

    private let units: Int
    private let usesBias: Bool
    private let activation: ActivationFunction
    private let recurrentActivation: ActivationFunction

    init?(_ configuration: KerasConfiguration) throws(AssayError) {
        units = try configuration.count("units")
        usesBias = try configuration.boolean("use_bias", default: true)
        guard let activation = try configuration.activation(default: "tanh").elementFunction,
            let recurrent = try configuration.activation("recurrent_activation", default: "sigmoid").elementFunction
        else { return nil }
        self.activation = activation
        recurrentActivation = recurrent
    }

    var stateCount: Int { 2 }

    func read(_ input: RecurrentInput, _ call: KerasCall) throws(AssayError) -> RecurrentOutput {
        let columns = Dimension.known(4 * units)
        let kernel = try call.weight("kernel", [call.width(of: input.sequence), columns])
        let recurrent = try call.weight("recurrent_kernel", [.known(units), columns])
        let bias = usesBias ? try call.weight("bias", [columns]) : nil
        let cell = LSTM(
            activation: activation, recurrentActivation: recurrentActivation, goBackwards: input.goesBackwards,
            zeroOutputForMask: input.zeroesMasked)
        let results = try call.addAll(cell, [input.sequence, kernel, recurrent, bias, input.mask] + input.states)
        return RecurrentOutput(sequence: results[0], states: Array(results.dropFirst()))
    }
}
