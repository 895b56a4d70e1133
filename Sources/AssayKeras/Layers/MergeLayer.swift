// Merges element by element: Add, Subtract, Multiply, Average, Maximum, Minimum.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = f(x₁, x₂, …), broadcast; inputs of fewer axes get new ones behind the batch.
struct MergeLayer: KerasLayer {
    private static let functions: [String: BinaryFunction] = [
        "Add": .add, "Average": .add, "Maximum": .maximum, "Minimum": .minimum, "Multiply": .multiply,
        "Subtract": .subtract,
    ]

    static let classNames = functions.keys.sorted()
    private let className: String
    private let function: BinaryFunction

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        className = configuration.className
        function = MergeLayer.functions[className] ?? .add
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        var inputs = try MergeLayer.aligned(call.inputs, call)
        guard !inputs.isEmpty, className != "Subtract" || inputs.count == 2 else {
            throw call.configuration.unsupported("merges \(inputs.count) inputs")
        }
        let masks = call.inputs.map { call.mask(of: $0) }
        let hidesMasked = className == "Multiply" && call.generation == .keras3
        if hidesMasked { inputs = try neutral(inputs, masks, call) }
        var y = inputs[0]
        for input in inputs.dropFirst() { y = try call.add(Binary(function), y, input) }
        if className == "Average" {
            y = try call.add(Binary(.multiply), y, call.scalar(1 / Double(inputs.count), like: y))
        }
        if hidesMasked, let mask = try MergeLayer.union(masks, call) {
            y = try call.add(Where(), call.add(ExpandDims(axes: [-1]), mask), y, call.scalar(0, like: y))
        }
        return [y]
    }

    /// The inputs with as many axes as the one that has most.
    static func aligned(_ inputs: [ValueID], _ call: KerasCall) throws(AssayError) -> [ValueID] {
        let ranks = inputs.compactMap { call.fact(of: $0).rank }
        guard ranks.count == inputs.count, let most = ranks.max() else { return inputs }
        var aligned: [ValueID] = []
        for (input, rank) in zip(inputs, ranks) {
            let new = Array(1..<(1 + most - rank))
            aligned.append(new.isEmpty ? input : try call.add(ExpandDims(axes: new), input))
        }
        return aligned
    }

    /// Keras 3 multiplies by one what is masked.
    private func neutral(
        _ inputs: [ValueID], _ masks: [ValueID?], _ call: KerasCall
    ) throws(AssayError) -> [ValueID] {
        var result: [ValueID] = []
        for (input, mask) in zip(inputs, masks) {
            guard let mask else {
                result.append(input)
                continue
            }
            let visible = try call.add(ExpandDims(axes: [-1]), mask)
            result.append(try call.add(Where(), visible, input, call.scalar(1, like: input)))
        }
        return result
    }

    // MARK: Masks

    /// Keras 3 keeps a mask when every input has one, and shows what any of them shows; Keras 2 shows what all masks that
    /// there are show.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        if call.generation == .keras3 { return [try MergeLayer.union(previous, call)] }
        var result: ValueID?
        for mask in previous.compactMap({ $0 }) {
            result = try result.map { (other) throws(AssayError) in try call.add(Logical(.and), other, mask) } ?? mask
        }
        return [result]
    }

    /// What any mask shows, where every input has one.
    private static func union(_ masks: [ValueID?], _ call: KerasCall) throws(AssayError) -> ValueID? {
        guard let first = masks.first ?? nil, masks.allSatisfy({ $0 != nil }) else { return nil }
        var result = first
        for mask in masks.dropFirst() { result = try call.add(Logical(.or), result, mask) }
        return result
    }
}
