// Masking: steps whose every feature has a certain value are masked, and zeroed.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x where any feature of the step differs from the mask value, else 0.
struct MaskingLayer: KerasLayer {
    static let classNames = ["Masking"]

    private let maskValue: Double

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        maskValue = try configuration.number("mask_value", default: 0)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let differs = try call.add(Compare(.notEqual), x, call.scalar(maskValue, like: x))
        let isStep = try call.add(Reduce(.any, axes: [-1], keepDimensions: true), differs)
        let kept = try call.add(Binary(.multiply), x, call.add(Cast(call.fact(of: x).type), isStep))
        call.assembly.masks[kept] = try call.add(Squeeze(axes: [-1]), isStep)
        return [kept]
    }
}
