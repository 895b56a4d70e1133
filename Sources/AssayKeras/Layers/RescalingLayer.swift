// Rescaling: a scale and an offset from the configuration.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x · scale + offset.
struct RescalingLayer: KerasLayer {
    static let classNames = ["Rescaling"]

    private let scale: [Double]
    private let offset: [Double]

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        scale = try configuration.numbers("scale") ?? [1]
        offset = try configuration.numbers("offset") ?? [0]
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        var x = try call.input()
        let type = try call.configuration.computeType()
        if call.fact(of: x).type != type { x = try call.add(Cast(type), x) }
        let scaled = try call.add(Binary(.multiply), x, call.vector(scale, like: x))
        return [try call.add(Binary(.add), scaled, call.vector(offset, like: x))]
    }
}
