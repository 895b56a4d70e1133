// BatchNormalization at inference: with the moving statistics.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = gamma · (x − moving_mean) / √(moving_variance + epsilon) + beta, channel by channel.
struct BatchNormalizationLayer: KerasLayer {
    static let classNames = ["BatchNormalization", "SyncBatchNormalization"]

    private let axis: Int
    private let epsilon: Double
    private let centers: Bool
    private let scales: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        let axes = try configuration.integers("axis") ?? [-1]
        guard axes.count == 1 else {
            throw configuration.invalid("axis", expected: "one axis")
        }
        axis = axes[0]
        epsilon = try configuration.number("epsilon", default: 1e-3)
        centers = try configuration.boolean("center", default: true)
        scales = try configuration.boolean("scale", default: true)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let shape = try call.shape(of: x)
        let channels = [shape[try call.resolved(axis: axis, rank: shape.count)]]
        let gamma = scales ? try call.weight("gamma", channels) : nil
        let beta = centers ? try call.weight("beta", channels) : nil
        let mean = try call.weight("moving_mean", channels, isTrainable: false)
        let variance = try call.weight("moving_variance", channels, isTrainable: false)
        return [
            try call.add(BatchNormalization(axis: axis, epsilon: epsilon), x, gamma, beta, mean, variance)
        ]
    }
}
