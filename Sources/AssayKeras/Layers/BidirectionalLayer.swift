// Bidirectional: a recurrent layer forwards and another backwards, their outputs merged step by step.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Calls both layers, turns the backward one's sequence round, and merges.
struct BidirectionalLayer: KerasLayer {
    static let classNames = ["Bidirectional"]

    /// How the outputs of both directions become one.
    private enum Merge: String {
        case sum, mul, concat, ave
    }

    private let forward: any KerasLayer
    private let backward: any KerasLayer
    private let forwardConfiguration: KerasConfiguration
    private let backwardConfiguration: KerasConfiguration
    private let merge: Merge?
    private let returnsSequences: Bool
    private let returnsState: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        let inner = try configuration.inner("layer")
        forwardConfiguration = try inner.zeroingMaskedSteps()
        backwardConfiguration =
            configuration["backward_layer"] == nil
            ? try forwardConfiguration.turnedRound()
            : try configuration.inner("backward_layer").zeroingMaskedSteps()
        forward = try KerasRegistry.layer(for: forwardConfiguration)
        backward = try KerasRegistry.layer(for: backwardConfiguration)
        if let mode = configuration["merge_mode"] {
            guard let merge = mode.string.flatMap(Merge.init(rawValue:)) else {
                throw configuration.invalid("merge_mode", expected: "sum, mul, concat, ave or null")
            }
            self.merge = merge
        } else {
            merge = nil
        }
        returnsSequences = try forwardConfiguration.boolean("return_sequences", default: false)
        returnsState = try forwardConfiguration.boolean("return_state", default: false)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let states = call.arguments.argument("initial_state", at: 1)?.tensors ?? []
        let half = states.count / 2
        let first = try outputs(of: forward, forwardConfiguration, "forward", Array(states.prefix(half)), call)
        var second = try outputs(of: backward, backwardConfiguration, "backward", Array(states.suffix(half)), call)
        guard let y = first.first, let z = second.first else { throw call.configuration.unsupported("has no output") }
        if returnsSequences {
            second[0] = try call.add(Slice(axes: [1], starts: [-1], stops: [nil], steps: [-1]), z)
        }
        let merged = try merged(y, second[0], call)
        return returnsState ? merged + first.dropFirst() + second.dropFirst() : merged
    }

    private func outputs(
        of layer: any KerasLayer, _ configuration: KerasConfiguration, _ role: String, _ states: [ValueID],
        _ call: KerasCall
    ) throws(AssayError) -> [ValueID] {
        var arguments = CallArguments<ValueID>([.tensor(try sequence(call))], keyword: call.arguments.keyword)
        arguments.keyword["initial_state"] = states.isEmpty ? nil : .list(states.map { .tensor($0) })
        let part = call.part("\(role)_layer", name: configuration.name, role: role)
        return try layer.call(part.with(configuration, arguments))
    }

    /// The sequence: in Keras 2 the initial states may follow it in one list.
    private func sequence(_ call: KerasCall) throws(AssayError) -> ValueID {
        guard let sequence = call.inputs.first else { throw call.configuration.unsupported("has no input") }
        return sequence
    }

    private func merged(_ y: ValueID, _ z: ValueID, _ call: KerasCall) throws(AssayError) -> [ValueID] {
        switch merge {
        case nil: return [y, z]
        case .sum: return [try call.add(Binary(.add), y, z)]
        case .mul: return [try call.add(Binary(.multiply), y, z)]
        case .concat: return [try call.add(Concatenate(axis: -1), y, z)]
        case .ave:
            let sum = try call.add(Binary(.add), y, z)
            return [try call.add(Binary(.multiply), sum, call.scalar(0.5, like: sum))]
        }
    }

    /// The mask goes on with sequences only.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        guard returnsSequences, let mask = previous.first else { return [] }
        return merge == nil ? [mask, mask] : [mask]
    }
}

extension KerasConfiguration {
    /// The same recurrent layer in the other direction, as Keras makes the backward one.
    fileprivate func turnedRound() throws(AssayError) -> KerasConfiguration {
        try with([
            "go_backwards": .bool(!boolean("go_backwards", default: false)), "name": .string("backward_\(name)"),
        ])
    }

    /// The same recurrent layer with zeros where a step of a sequence is masked, as Keras sets it without saying so.
    fileprivate func zeroingMaskedSteps() throws(AssayError) -> KerasConfiguration {
        try with(["zero_output_for_mask": .bool(boolean("return_sequences", default: false))])
    }

    /// The same layer with other arguments.
    private func with(_ arguments: [String: JSON]) throws(AssayError) -> KerasConfiguration {
        guard case .object(var entry) = entry, case .object(var config)? = entry["config"] else {
            throw unsupported("has no configuration")
        }
        for (key, value) in arguments { config[key] = value }
        entry["config"] = .object(config)
        return try KerasConfiguration(.object(entry), generation: generation, in: path, fallbackName: name)
    }
}
