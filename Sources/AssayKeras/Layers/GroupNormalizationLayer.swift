// GroupNormalization: over groups of channels.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = gamma · (x − mean) / √(variance + epsilon) + beta, with the mean and variance of a group of channels.
struct GroupNormalizationLayer: KerasLayer {
    static let classNames = ["GroupNormalization"]

    private let groups: Int
    private let axis: Int
    private let epsilon: Double
    private let centers: Bool
    private let scales: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        groups = try configuration.integer("groups", default: 32, in: -1...KerasConfiguration.largestCount)
        axis = try configuration.integer("axis", default: -1)
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
        return [try call.add(GroupNormalization(groups: groups, axis: axis, epsilon: epsilon), x, gamma, beta)]
    }
}
