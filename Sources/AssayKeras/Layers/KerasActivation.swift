// Activation functions by the names that configurations use, and in every notation: a text, a serialised function, or a
// serialised layer.

import AssayGraph
import AssayOperators
import AssayTensors

/// An activation as a configuration names it.
enum KerasActivation: Sendable {
    /// A function of each element.
    case function(ActivationFunction)
    /// Along the last axis.
    case softmax
    /// Along the last axis.
    case logSoftmax
    /// Along the last axis.
    case sparsemax
    /// The first half of the last axis times the sigmoid of the second.
    case gatedLinearUnit
    /// A function that is not known here.
    case unknown(String)

    /// Adds the activation to the graph.
    func apply(to value: ValueID, in call: KerasCall) throws(AssayError) -> ValueID {
        switch self {
        case .function(.linear): value
        case .function(let function): try call.add(Activation(function), value)
        case .softmax: try call.add(Softmax(axes: [-1]), value)
        case .logSoftmax: try call.add(LogSoftmax(axis: -1), value)
        case .sparsemax: try KerasActivation.sparsemax(value, in: call)
        case .gatedLinearUnit: try call.add(GatedLinearUnit(axis: -1), value)
        case .unknown(let name):
            try call.add(
                Opaque(
                    className: name, reason: "the activation function is not known",
                    resultShapes: [call.fact(of: value).shape]), value)
        }
    }

    /// The activation called `name` by a generation of Keras, nil for an unknown one.
    init?(named name: String, by generation: KerasGeneration) {
        switch name {
        case "softmax": self = .softmax
        case "log_softmax": self = .logSoftmax
        case "sparsemax": self = .sparsemax
        case "glu": self = .gatedLinearUnit
        default:
            guard let function = KerasActivation.functions(generation)[name] else { return nil }
            self = .function(function)
        }
    }

    /// The functions of one element by name. `hard_sigmoid` changed with Keras 3, `leaky_relu` with its slope's name.
    private static func functions(_ generation: KerasGeneration) -> [String: ActivationFunction] {
        let isModern = generation == .keras3
        return [
            "linear": .linear, "relu": .relu(), "relu6": .relu(maxValue: 6), "sigmoid": .sigmoid, "tanh": .tanh,
            "gelu": .gelu(approximate: false), "elu": .elu(alpha: 1), "selu": .selu, "celu": .celu(alpha: 1),
            "softplus": .softplus, "softsign": .softsign, "silu": .silu, "swish": .silu,
            "hard_sigmoid": .hardSigmoid(slope: isModern ? 1 / 6 : 0.2, offset: 0.5), "hard_silu": .hardSwish,
            "hard_swish": .hardSwish, "exponential": .exponential, "mish": .mish,
            "leaky_relu": .leakyRelu(slope: 0.2), "hard_tanh": .hardTanh, "hard_shrink": .hardShrink(threshold: 0.5),
            "soft_shrink": .softShrink(threshold: 0.5), "tanh_shrink": .tanhShrink,
            "threshold": .threshold(threshold: 0, value: 0), "log_sigmoid": .logSigmoid, "sparse_plus": .sparsePlus,
            "sparse_sigmoid": .sparseSigmoid, "squareplus": .squareplus(b: 4),
        ]
    }
}

extension KerasConfiguration {
    /// The activation under `key`; `standard` where it is left out or null.
    ///
    /// - Throws: `AssayError.unreadable` when it is named in no known notation.
    func activation(_ key: String = "activation", default standard: String = "linear") throws(AssayError)
        -> KerasActivation
    {
        guard let value = self[key] else {
            return KerasActivation(named: standard, by: generation) ?? .unknown(standard)
        }
        guard let name = KerasConfiguration.activationName(value) else {
            throw invalid(key, expected: "the name of an activation function")
        }
        // A layer in place of a function has parameters of its own.
        if let layer = value["config"]?.object, !layer.isEmpty, value["class_name"]?.string != "function" {
            return try KerasActivation(layer: KerasConfiguration(value, generation: generation, in: path))
        }
        return KerasActivation(named: name, by: generation) ?? .unknown(name)
    }

    /// The function under `key`, for layers that apply it themselves (recurrent cells).
    ///
    /// - Throws: `AssayError.unreadable` when it is not a known function of one element.
    func elementFunction(_ key: String, default standard: String) throws(AssayError) -> ActivationFunction {
        guard case .function(let function) = try activation(key, default: standard) else {
            throw invalid(key, expected: "an activation function of one element")
        }
        return function
    }

    /// `"relu"`, `{"class_name": "function", "config": "relu"}`, or `{"class_name": "Leaky>Function", …}`.
    private static func activationName(_ value: JSON) -> String? {
        if let name = value.string { return name }
        if value["class_name"]?.string == "function" {
            return value["registered_name"]?.string.flatMap { $0 == "function" ? nil : $0 } ?? value["config"]?.string
        }
        return value["class_name"]?.string
    }
}
