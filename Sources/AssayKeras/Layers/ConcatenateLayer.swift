// Concatenate: inputs side by side along an axis.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = [x₁, x₂, …] along `axis`.
struct ConcatenateLayer: KerasLayer {
    static let classNames = ["Concatenate"]

    private let axis: Int

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        axis = try configuration.integer("axis", default: -1)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let inputs = call.inputs
        guard !inputs.isEmpty else { throw call.configuration.unsupported("has no inputs") }
        return try call.addAll(Concatenate(axis: axis), inputs)
    }

    /// The masks side by side, each as wide as its input; an input without one shows everything. Keras 2 shows a step
    /// whose every feature is shown, Keras 3 one with any.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        guard previous.contains(where: { $0 != nil }) else { return [nil] }
        var masks: [ValueID] = []
        for (input, mask) in zip(call.inputs, previous) {
            let shape = try call.shape(of: input)
            let extents = shape.indices.map { ReshapeExtent.copied(axis: $0) }
            let full = try call.add(Fill(shape: extents, value: mask == nil ? 1 : 0, type: .bool), input)
            guard let mask else {
                masks.append(full)
                continue
            }
            let rank = try call.shape(of: mask).count
            let wide = rank < shape.count ? try call.add(ExpandDims(axes: [-1]), mask) : mask
            masks.append(try call.add(Logical(.or), wide, full))
        }
        let joined = try call.addAll(Concatenate(axis: axis), masks)
        let function: ReduceFunction = call.generation == .keras3 ? .any : .all
        return [try call.add(Reduce(function, axes: [-1], keepDimensions: false), joined.first)]
    }
}
