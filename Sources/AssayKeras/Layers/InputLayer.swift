// InputLayer: where values enter a model.

import AssayGraph
import AssayTensors

/// Hands on what enters; its shape and type are the model's input.
struct InputLayer: KerasLayer {
    static let classNames = ["InputLayer"]

    private let name: String
    private let shape: [Int?]?
    private let type: ElementType

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        name = configuration.name
        shape = try configuration.shape(configuration["batch_shape"] == nil ? "batch_input_shape" : "batch_shape")
        type = try configuration.elementType("dtype", default: .f32)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] { [try call.input()] }

    /// Whether the second axis is free: sequences of any length.
    var hasSequence: Bool { (shape?.count ?? 0) > 1 && shape?[1] == nil }

    /// What is known of the input. The free axes of different inputs have different names: nothing says they are equal.
    func fact(isFirstSequence: Bool) -> Fact {
        let dimensions = shape?.enumerated().map { axis, extent -> Dimension in
            if let extent { return .known(extent) }
            if axis == 0 { return .symbolic("batch") }
            return .symbolic(axis == 1 && isFirstSequence ? "sequence" : "\(name).\(axis)")
        }
        return Fact(type, dimensions)
    }
}
