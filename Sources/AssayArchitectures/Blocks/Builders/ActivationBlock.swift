// Activation functions by the names that transformers gives them (ACT2FN in activations.py).

import AssayGraph
import AssayOperators
import AssayTensors

/// y = f(x).
enum ActivationBlock: BlockBuilder {
    static let name = "activation"

    /// The functions by name. `quick_gelu` is x · sigmoid(1.702 x), which is no function of the operators.
    static let functions: [String: ActivationFunction] = [
        "gelu": .gelu(approximate: false),
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

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let name = try call.option("function")?.string ?? ""
        let x = try call.operand(0)
        if name == "quick_gelu" { return [try quickGELU(x, call)] }
        guard let function = functions[name] else {
            throw AssayError(
                .notRunnable, "the activation function '\(name)' is not known",
                expected: (functions.keys.sorted() + ["quick_gelu"]).joined(separator: ", "))
        }
        return [try call.add(Activation(function), x)]
    }

    private static func quickGELU(_ x: ValueID, _ call: BlockCall) throws(AssayError) -> ValueID {
        let scaled = try call.add(Binary(.multiply), x, call.scalar(1.702, like: x))
        return try call.add(Binary(.multiply), x, call.add(Activation(.sigmoid), scaled))
    }
}
