// Activation functions by the names that transformers gives them (ACT2FN in activations.py).

import AssayGraph
import AssayOperators
import AssayTensors

/// y = f(x).
enum ActivationBlock: BlockBuilder {
    static let name = "activation"

    /// The functions by name that one operator computes.
    static let functions: [String: ActivationFunction] = [
        "gelu": .gelu(approximate: false),
        "gelu_accurate": .gelu(approximate: true),
        "gelu_python": .gelu(approximate: false),
        "gelu_new": .gelu(approximate: true),
        "gelu_fast": .gelu(approximate: true),
        "gelu_pytorch_tanh": .gelu(approximate: true),
        "leaky_relu": .leakyRelu(slope: 0.01),
        "linear": .linear,
        "mish": .mish,
        "relu": .relu(),
        "relu6": .relu(maxValue: 6),
        "sigmoid": .sigmoid,
        "silu": .silu,
        "swish": .silu,
        "tanh": .tanh,
    ]

    /// The functions by name that several operators make up.
    private static let composed: [String: @Sendable (ValueID, BlockCall) throws(AssayError) -> ValueID] = [
        "gelu_10": { (x, call) throws(AssayError) in
            try call.add(Clip(minimum: -10, maximum: 10), call.add(Activation(.gelu(approximate: false)), x))
        },
        "laplace": laplace,
        "quick_gelu": { (x, call) throws(AssayError) in
            let scaled = try call.add(Binary(.multiply), x, call.scalar(1.702, like: x))
            return try call.add(Binary(.multiply), x, call.add(Activation(.sigmoid), scaled))
        },
        "relu2": { (x, call) throws(AssayError) in
            try call.add(Unary(.square), call.add(Activation(.relu()), x))
        },
    ]

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let name = try call.option("function")?.string ?? ""
        let x = try call.operand(0)
        if let function = functions[name] { return [try call.add(Activation(function), x)] }
        guard let function = composed[name] else {
            throw AssayError(
                .notRunnable, "the activation function '\(name)' is not known",
                expected: (Array(functions.keys) + Array(composed.keys)).sorted().joined(separator: ", "))
        }
        return [try function(x, call)]
    }

    /// (1 + erf((x − μ) / (σ √2))) / 2 with the μ and σ that make it near relu2 (Ma et al. 2022, arXiv:2209.10655).
    private static func laplace(_ x: ValueID, _ call: BlockCall) throws(AssayError) -> ValueID {
        let shifted = try call.add(Binary(.subtract), x, call.scalar(0.707107, like: x))
        let argument = try call.add(Binary(.divide), shifted, call.scalar(0.282095 * 2.0.squareRoot(), like: x))
        let sum = try call.add(Binary(.add), call.add(Unary(.erf), argument), call.scalar(1, like: x))
        return try call.add(Binary(.multiply), sum, call.scalar(0.5, like: x))
    }
}
