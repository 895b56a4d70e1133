// GlobalAveragePooling1D: the mean over the steps that the mask shows.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = Σ mask · x / Σ mask over the steps; the mean where there is no mask.
struct GlobalAveragePooling1DLayer: KerasLayer {
    static let classNames = ["GlobalAveragePooling1D"]

    private let channelsFirst: Bool
    private let keepsAxes: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        channelsFirst = try configuration.channelsFirst()
        keepsAxes = try configuration.boolean("keepdims", default: false)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let axis = channelsFirst ? 2 : 1
        guard let mask = call.mask else {
            return [try call.add(Reduce(.mean, axes: [axis], keepDimensions: keepsAxes), x)]
        }
        let visible = try call.add(ExpandDims(axes: [channelsFirst ? 1 : 2]), mask)
        let weights = try call.add(Cast(call.fact(of: x).type), visible)
        let sum = Reduce(.sum, axes: [axis], keepDimensions: keepsAxes)
        let total = try call.add(sum, call.add(Binary(.multiply), x, weights))
        return [try call.add(Binary(.divide), total, call.add(sum, weights))]
    }

    /// No steps are left.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        [nil]
    }
}
