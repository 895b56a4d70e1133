// LSTM, GRU, SimpleRNN, their cuDNN forms, and RNN over a cell or a stack of cells.

import AssayGraph
import AssayOperators
import AssayTensors

/// Carries cells over a sequence; gives the last output or all of them, and the states where they are asked for.
struct RecurrentLayer: KerasLayer {
    static let classNames = ["CuDNNGRU", "CuDNNLSTM", "GRU", "LSTM", "RNN", "SimpleRNN"]

    /// A cell, and where its weights are in the layer.
    private struct Part {
        var cell: any RecurrentCell
        var attribute: String
        var name: String
        var role = ""
    }

    /// The cells from the input to the output; nil when one of them is not known.
    private let parts: [Part]?
    private let returnsSequences: Bool
    private let returnsStates: Bool
    private let goesBackwards: Bool
    private let zeroesMasked: Bool
    private let isTimeMajor: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        parts = try RecurrentLayer.parts(configuration)
        returnsSequences = try configuration.boolean("return_sequences", default: false)
        returnsStates = try configuration.boolean("return_state", default: false)
        goesBackwards = try configuration.boolean("go_backwards", default: false)
        zeroesMasked = try configuration.boolean("zero_output_for_mask", default: false)
        isTimeMajor = try configuration.boolean("time_major", default: false)
    }

    private static func parts(_ configuration: KerasConfiguration) throws(AssayError) -> [Part]? {
        if configuration.className != "RNN" {
            let name = configuration.className + "Cell"
            guard let cell = try RecurrentCells.cell(name, configuration) else { return nil }
            return [Part(cell: cell, attribute: "cell", name: WeightScope.snakeCase(name))]
        }
        let inner = try configuration.inner("cell")
        guard inner.className == "StackedRNNCells" else {
            guard let cell = try RecurrentCells.cell(inner.className, inner) else { return nil }
            return [Part(cell: cell, attribute: "cell", name: inner.name)]
        }
        guard let entries = inner["cells"]?.array, !entries.isEmpty else {
            throw inner.invalid("cells", expected: "a list of cells")
        }
        // With the states in another order, nobody could tell which is which.
        guard try !inner.boolean("reverse_state_order", default: false) else { return nil }
        var counts: [String: Int] = [:]
        var parts: [Part] = []
        for entry in entries {
            let own = try KerasConfiguration(entry, generation: inner.generation, in: inner.path)
            guard let cell = try RecurrentCells.cell(own.className, own) else { return nil }
            let name = WeightScope.snakeCase(own.className)
            let count = counts[name, default: 0]
            counts[name] = count + 1
            parts.append(
                Part(
                    cell: cell, attribute: "cell/cells/\(count == 0 ? name : "\(name)_\(count)")", name: own.name,
                    role: "cell_\(parts.count)"))
        }
        return parts
    }

    var supportsMasking: Bool { true }

    /// The mask goes on with the whole sequence, not with its last step.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        guard returnsSequences, let mask = previous.first else { return [] }
        return [mask]
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        guard let parts else {
            return try OpaqueLayer(call.configuration, reason: "its cell is not known").call(call)
        }
        let states = initialStates(call)
        guard states.isEmpty || states.count == parts.reduce(0, { $0 + $1.cell.stateCount }) else {
            return try OpaqueLayer(call.configuration, reason: "it takes constants beside its states").call(call)
        }
        var input = try self.input(call, hasStates: !states.isEmpty)
        let mask = input.mask
        var last: [ValueID] = []
        for (index, part) in parts.enumerated() {
            if !states.isEmpty { input.states = Array(states[last.count..<last.count + part.cell.stateCount]) }
            input.zeroesMasked = zeroesMasked && index == parts.count - 1
            let output = try part.cell.read(input, call.part(part.attribute, name: part.name, role: part.role))
            input.sequence = output.sequence
            last += output.states
            if index == parts.count - 1 {
                let result = try self.output(output, isExact: mask == nil || states.isEmpty && !zeroesMasked, call)
                return returnsStates ? [result] + last : [result]
            }
            // What comes after the first cell is in the order of reading already.
            if input.goesBackwards, let mask { input.mask = try call.add(Reverse(axes: [1]), mask) }
            input.goesBackwards = false
        }
        throw call.configuration.unsupported("has no cells")
    }

    /// The sequence with its mask, the batch in front.
    private func input(_ call: KerasCall, hasStates: Bool) throws(AssayError) -> RecurrentInput {
        guard var sequence = call.inputs.first else { throw call.configuration.unsupported("takes a sequence") }
        // Keras 3 takes the mask from its input only where that is the only tensor.
        var mask =
            hasStates && call.generation == .keras3 ? call.arguments.argument("mask")?.tensors.first : call.mask
        if isTimeMajor {
            sequence = try call.add(Transpose(order: [1, 0, 2]), sequence)
            mask = try mask.map { (mask) throws(AssayError) in try call.add(Transpose(order: [1, 0]), mask) }
        }
        mask = try mask.map { (mask) throws(AssayError) in try call.boolean(mask) }
        return RecurrentInput(
            sequence: sequence, mask: mask, states: [], goesBackwards: goesBackwards, zeroesMasked: false)
    }

    /// Keras 2 hands states on behind the sequence, Keras 3 as an argument.
    private func initialStates(_ call: KerasCall) -> [ValueID] {
        let behind = call.inputs.dropFirst()
        if !behind.isEmpty { return Array(behind) }
        return call.arguments.argument("initial_state", at: call.generation == .keras3 ? 1 : nil)?.tensors ?? []
    }

    /// All steps, or the last. `isExact` says that the last output is the state: it is not where the last step is masked and
    /// gives zeros, or where no step counts and the state was given.
    private func output(
        _ output: RecurrentOutput, isExact: Bool, _ call: KerasCall
    ) throws(AssayError) -> ValueID {
        if returnsSequences {
            return isTimeMajor ? try call.add(Transpose(order: [1, 0, 2]), output.sequence) : output.sequence
        }
        if isExact, let state = output.states.first { return state }
        let last = Slice(axes: [1], starts: [-1], stops: [nil], steps: [1])
        return try call.add(Squeeze(axes: [1]), call.add(last, output.sequence))
    }
}
