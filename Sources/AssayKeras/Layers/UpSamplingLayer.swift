// UpSampling over one to three axes: each position several times.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = each position of x repeated along the spatial axes.
struct UpSamplingLayer: KerasLayer {
    static let classNames = ["UpSampling1D", "UpSampling2D", "UpSampling3D"]

    private let layout: SpatialLayout
    private let factors: [Int]
    private let interpolation: String

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        layout = try SpatialLayout(configuration)
        factors = try configuration.integers("size", count: layout.count, default: 2)
        interpolation = try configuration.string("interpolation", default: "nearest")
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        guard interpolation == "nearest" else {
            return try OpaqueLayer(call.configuration, reason: "\(interpolation) interpolation is not known").call(call)
        }
        var x = try call.input()
        _ = try layout.channels(of: x, in: call)
        for (axis, factor) in zip(layout.axes, factors) where factor > 1 {
            x = try call.add(Repeat(count: factor, axis: axis), x)
        }
        return [x]
    }
}
