// RMSNormalization of Keras 3.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = scale · x / √(mean x² + epsilon).
struct RMSNormalizationLayer: KerasLayer {
    static let classNames = ["RMSNormalization"]

    private let axes: [Int]
    private let epsilon: Double

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        axes = (try configuration.integers("axis") ?? [-1]).sorted()
        epsilon = try configuration.number("epsilon", default: 1e-6)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let shape = try call.shape(of: x)
        var extents: [Dimension] = []
        for axis in axes { extents.append(shape[try call.resolved(axis: axis, rank: shape.count)]) }
        return [try call.add(RMSNormalization(axes: axes, epsilon: epsilon), x, call.weight("scale", extents))]
    }
}
