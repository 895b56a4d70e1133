// UpSampling over one to three axes.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x stretched along the spatial axes by whole factors.
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
        guard let mode = UpsampleMode(rawValue: interpolation) else {
            return try OpaqueLayer(call.configuration, reason: "\(interpolation) interpolation is not known").call(call)
        }
        let x = try call.input()
        _ = try layout.channels(of: x, in: call)
        return [try call.add(Upsample(factors: factors, mode: mode, channelsFirst: layout.channelsFirst), x)]
    }
}
