// LayerNormalization: over the given axes, with scale and offset of those axes' shape; RMS where Keras 3 says so.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = gamma · (x − mean) / √(variance + epsilon) + beta.
struct LayerNormalizationLayer: KerasLayer {
    static let classNames = ["LayerNormalization"]

    private let axes: [Int]
    private let epsilon: Double
    private let centers: Bool
    private let scales: Bool
    private let isRMS: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        axes = (try configuration.integers("axis") ?? [-1]).sorted()
        epsilon = try configuration.number("epsilon", default: 1e-3)
        centers = try configuration.boolean("center", default: true)
        scales = try configuration.boolean("scale", default: true)
        isRMS = try configuration.boolean("rms_scaling", default: false)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let shape = try call.shape(of: x)
        var extents: [Dimension] = []
        for axis in axes { extents.append(shape[try call.resolved(axis: axis, rank: shape.count)]) }
        if isRMS {
            // Keras 3 scales by the variance alone and adds no offset.
            let gamma = try call.weight("gamma", extents)
            let mean = try call.add(Reduce(.mean, axes: axes, keepDimensions: true), x)
            let variance = try call.add(
                Reduce(.mean, axes: axes, keepDimensions: true),
                call.add(Unary(.square), call.add(Binary(.subtract), x, mean)))
            let deviation = try call.add(Binary(.add), variance, call.scalar(epsilon, like: variance))
            let scaled = try call.add(Binary(.multiply), x, call.add(Unary(.rsqrt), deviation))
            return [try call.add(Binary(.multiply), scaled, gamma)]
        }
        let gamma = scales ? try call.weight("gamma", extents) : nil
        let beta = centers ? try call.weight("beta", extents) : nil
        return [try call.add(LayerNormalization(axes: axes, epsilon: epsilon), x, gamma, beta)]
    }
}
