// ConvLSTM1D, ConvLSTM2D, ConvLSTM3D: an LSTM over images, whose products are convolutions.

import AssayGraph
import AssayOperators
import AssayTensors

/// Convolves the images of all steps at once, then carries states over the steps.
struct ConvLSTMLayer: KerasLayer {
    static let classNames = ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]

    private let arguments: ConvolutionArguments
    private let filters: Int
    /// Nil when an activation is not one of each element.
    private let recurrence: ConvolutionalLSTM?
    private let returnsSequences: Bool
    private let returnsStates: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        arguments = try ConvolutionArguments(configuration)
        filters = try configuration.count("filters")
        let activation = try configuration.activation(default: "tanh").elementFunction
        let recurrent = try configuration.activation("recurrent_activation", default: "hard_sigmoid").elementFunction
        let goesBackwards = try configuration.boolean("go_backwards", default: false)
        recurrence =
            if let activation, let recurrent {
                ConvolutionalLSTM(
                    activation: activation, recurrentActivation: recurrent, goBackwards: goesBackwards)
            } else {
                nil
            }
        returnsSequences = try configuration.boolean("return_sequences", default: false)
        returnsStates = try configuration.boolean("return_state", default: false)
    }

    var supportsMasking: Bool { true }

    /// The mask goes on with the whole sequence, not with its last step.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        guard returnsSequences, let mask = previous.first else { return [] }
        return [mask]
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        guard let recurrence, try !call.configuration.boolean("time_major", default: false) else {
            return try OpaqueLayer(call.configuration, reason: "its activation or order is not known").call(call)
        }
        guard let given = call.inputs.first else { throw call.configuration.unsupported("takes a sequence") }
        let images = try channelsLast(given, first: 2, call)
        let shape = try call.shape(of: images)
        let axes = arguments.layout.count
        guard shape.count == axes + 3 else {
            throw call.configuration.unsupported("takes \(axes + 3) axes, and is called with \(shape.text)")
        }
        let part = call.part("cell", name: "conv_lstm_cell", role: "")
        let kernel = try part.weight("kernel", arguments.kernel(shape[axes + 2], .known(4 * filters)))
        let recurrent = try part.weight(
            "recurrent_kernel", arguments.kernel(.known(filters), .known(4 * filters)))
        let bias = arguments.usesBias ? try part.weight("bias", [.known(4 * filters)]) : nil
        let convolution = Convolution(
            strides: arguments.strides, padding: arguments.padding, dilations: arguments.dilations)
        let gates = try call.apartSteps(
            call.add(convolution, call.joinedSteps(images), kernel, bias), as: images)
        var states: [ValueID] = []
        for state in initialStates(call) { states.append(try channelsLast(state, first: 1, call)) }
        let mask = try call.mask.map { (mask) throws(AssayError) in try call.boolean(mask) }
        let results = try call.addAll(recurrence, [gates, recurrent, mask] + states)
        return try outputs(results, isExact: mask == nil || states.isEmpty, call)
    }

    /// Keras 2 hands states on behind the sequence, Keras 3 as an argument.
    private func initialStates(_ call: KerasCall) -> [ValueID] {
        let behind = call.inputs.dropFirst()
        return behind.isEmpty ? call.arguments.argument("initial_state", at: 1)?.tensors ?? [] : Array(behind)
    }

    /// All steps or the last, and the states where they are asked for. `isExact` says that the last output is the state.
    private func outputs(_ results: [ValueID], isExact: Bool, _ call: KerasCall) throws(AssayError) -> [ValueID] {
        var output = results[0]
        if !returnsSequences {
            let last = Slice(axes: [1], starts: [-1], stops: [nil], steps: [1])
            output = isExact ? results[1] : try call.add(Squeeze(axes: [1]), call.add(last, output))
        }
        var all = [try channelsAsGiven(output, first: returnsSequences ? 2 : 1, call)]
        guard returnsStates else { return all }
        for state in results.dropFirst() { all.append(try channelsAsGiven(state, first: 1, call)) }
        return all
    }

    /// A value whose channels, at axis `first` where they come first, stand last.
    private func channelsLast(_ x: ValueID, first: Int, _ call: KerasCall) throws(AssayError) -> ValueID {
        guard arguments.layout.channelsFirst else { return x }
        let end = first + arguments.layout.count
        return try call.add(Transpose(order: Array(0..<first) + Array(first + 1...end) + [first]), x)
    }

    /// The other way round.
    private func channelsAsGiven(_ x: ValueID, first: Int, _ call: KerasCall) throws(AssayError) -> ValueID {
        guard arguments.layout.channelsFirst else { return x }
        let end = first + arguments.layout.count
        return try call.add(Transpose(order: Array(0..<first) + [end] + Array(first..<end)), x)
    }
}
