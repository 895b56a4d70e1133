// Activation functions as functions: `keras.ops.relu`, `tf.nn.relu`, ….

import AssayGraph
import AssayOperators
import AssayTensors

/// An activation function.
struct NeuralFunction: KerasFunction {
    /// The name of the activation in configurations, by the function's name.
    private static let table: [String: String] = [
        "Celu": "celu", "Elu": "elu", "Gelu": "gelu", "HardShrink": "hard_shrink", "HardSigmoid": "hard_sigmoid",
        "HardSilu": "hard_silu", "HardTanh": "hard_tanh", "LeakyRelu": "leaky_relu", "LogSigmoid": "log_sigmoid",
        "Relu": "relu", "Relu6": "relu6", "Selu": "selu", "Sigmoid": "sigmoid", "Silu": "silu",
        "SoftShrink": "soft_shrink", "Softplus": "softplus", "Softsign": "softsign", "SparsePlus": "sparse_plus",
        "SparseSigmoid": "sparse_sigmoid", "Squareplus": "squareplus", "Tanh": "tanh", "TanhShrink": "tanh_shrink",
        "Threshold": "threshold",
        "tf.keras.activations.relu": "relu", "tf.math.sigmoid": "sigmoid", "tf.math.softplus": "softplus",
        "tf.math.tanh": "tanh", "tf.nn.elu": "elu", "tf.nn.gelu": "gelu", "tf.nn.leaky_relu": "leaky_relu",
        "tf.nn.relu": "relu", "tf.nn.relu6": "relu6", "tf.nn.selu": "selu", "tf.nn.sigmoid": "sigmoid",
        "tf.nn.silu": "silu", "tf.nn.softplus": "softplus", "tf.nn.softsign": "softsign", "tf.nn.swish": "silu",
        "tf.nn.tanh": "tanh", "tf.sigmoid": "sigmoid", "tf.tanh": "tanh",
    ]

    static let names = table.keys.sorted()
    private let name: String

    init(name: String) { self.name = NeuralFunction.table[name] ?? name }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "features", "input", at: 0)
        return [try call.call.add(Activation(function(call)), x)]
    }

    private func function(_ call: FunctionCall) throws(AssayError) -> ActivationFunction {
        switch name {
        // keras.ops approximates unless it is told not to; tf.nn does not.
        case "gelu":
            return .gelu(
                approximate: try call.boolean(
                    "approximate", at: 1, default: call.call.configuration.generation == .keras3))
        case "elu": return .elu(alpha: try call.number("alpha", at: 1) ?? 1)
        case "celu": return .celu(alpha: try call.number("alpha", at: 1) ?? 1)
        case "leaky_relu": return .leakyRelu(slope: try call.number("negative_slope", "alpha", at: 1) ?? 0.2)
        case "hard_shrink": return .hardShrink(threshold: try call.number("threshold", at: 1) ?? 0.5)
        case "soft_shrink": return .softShrink(threshold: try call.number("threshold", at: 1) ?? 0.5)
        case "squareplus": return .squareplus(b: try call.number("b", at: 1) ?? 4)
        case "threshold":
            return .threshold(
                threshold: try call.number("threshold", at: 1) ?? 0,
                value: try call.number("value", "default_value", at: 2) ?? 0)
        default:
            guard case .function(let function)? = KerasActivation(named: name, by: .keras3) else {
                throw call.call.configuration.unsupported("is no activation function")
            }
            return function
        }
    }
}

/// Softmax over one or several axes.
struct SoftmaxFunction: KerasFunction {
    static let names = ["Softmax", "tf.nn.softmax"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "logits", at: 0)
        return [try call.call.add(Softmax(axes: call.integers("axis", at: 1) ?? [-1]), x)]
    }
}

/// The logarithm of softmax.
struct LogSoftmaxFunction: KerasFunction {
    static let names = ["LogSoftmax", "tf.nn.log_softmax"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "logits", at: 0)
        return [try call.call.add(LogSoftmax(axis: call.integer("axis", at: 1, default: -1)), x)]
    }
}
