// UpSampling over one to three axes.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x stretched along the spatial axes by whole factors.
struct UpSamplingLayer: KerasLayer {
    static let classNames = ["UpSampling1D", "UpSampling2D", "UpSampling3D"]

    private let layout: SpatialLayout
    private let factors: [Int]
    private let method: ResizeMethod

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        layout = try SpatialLayout(configuration)
        factors = try configuration.integers("size", count: layout.count, default: 2)
        method = try configuration.resizeMethod(default: .nearest)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        _ = try layout.channels(of: x, in: call)
        return [try call.add(Resize(to: .factors(factors), method: method, channelsFirst: layout.channelsFirst), x)]
    }
}
