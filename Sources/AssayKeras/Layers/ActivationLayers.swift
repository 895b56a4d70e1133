// Activation and the layers that apply one function: ReLU, LeakyReLU, ELU, ThresholdedReLU.

import AssayGraph
import AssayOperators
import AssayTensors

extension KerasActivation {
    /// The function of an activation layer.
    ///
    /// - Throws: `AssayError.unreadable` for wrong parameters.
    init(layer configuration: KerasConfiguration) throws(AssayError) {
        switch configuration.className {
        case "ReLU":
            // Keras 2 and 3 say negative_slope; null stands for no slope, no bound.
            self = .function(
                .relu(
                    maxValue: configuration["max_value"] == nil ? nil : try configuration.number("max_value"),
                    negativeSlope: try configuration.number("negative_slope", default: 0),
                    threshold: try configuration.number("threshold", default: 0)))
        case "LeakyReLU":
            let key = configuration["alpha"] == nil ? "negative_slope" : "alpha"
            self = .function(.leakyRelu(slope: try configuration.number(key, default: 0.3)))
        case "ELU": self = .function(.elu(alpha: try configuration.number("alpha", default: 1)))
        case "ThresholdedReLU":
            self = .function(.threshold(threshold: try configuration.number("theta", default: 1), value: 0))
        default: self = .unknown(configuration.registeredName ?? configuration.className)
        }
    }
}

/// Applies a function to each element.
struct ActivationLayer: KerasLayer {
    static let classNames = ["Activation", "ELU", "LeakyReLU", "ReLU", "ThresholdedReLU"]

    private let activation: KerasActivation

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        activation =
            configuration.className == "Activation"
            ? try configuration.activation() : try KerasActivation(layer: configuration)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        [try activation.apply(to: call.input(), in: call)]
    }
}
