// SimpleRNNCell: one kernel for the input and one for the state.

import AssayGraph
import AssayOperators
import AssayTensors

/// The cell of SimpleRNN.
struct SimpleRNNCellPart: RecurrentCell {
    static let className = "SimpleRNNCell"

    private let units: Int
    private let usesBias: Bool
    private let activation: ActivationFunction

    init?(_ configuration: KerasConfiguration) throws(AssayError) {
        units = try configuration.count("units")
        usesBias = try configuration.boolean("use_bias", default: true)
        guard let activation = try configuration.activation(default: "tanh").elementFunction else { return nil }
        self.activation = activation
    }

    var stateCount: Int { 1 }

    func read(_ input: RecurrentInput, _ call: KerasCall) throws(AssayError) -> RecurrentOutput {
        let columns = Dimension.known(units)
        let kernel = try call.weight("kernel", [call.width(of: input.sequence), columns])
        let recurrent = try call.weight("recurrent_kernel", [columns, columns])
        let bias = usesBias ? try call.weight("bias", [columns]) : nil
        let cell = SimpleRNN(
            activation: activation, goBackwards: input.goesBackwards, zeroOutputForMask: input.zeroesMasked)
        let results = try call.addAll(cell, [input.sequence, kernel, recurrent, bias, input.mask] + input.states)
        return RecurrentOutput(sequence: results[0], states: Array(results.dropFirst()))
    }
}
