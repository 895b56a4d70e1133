// Global pooling: the maximum or mean of all positions. GlobalAveragePooling1D, which knows masks, has a file of its own.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = the maximum or mean of each channel.
struct GlobalPoolingLayer: KerasLayer {
    static let classNames = [
        "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
        "GlobalMaxPooling3D",
    ]

    private let layout: SpatialLayout
    private let isMaximum: Bool
    private let keepsAxes: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        layout = try SpatialLayout(configuration)
        isMaximum = configuration.className.hasPrefix("GlobalMax")
        keepsAxes = try configuration.boolean("keepdims", default: false)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        _ = try layout.channels(of: x, in: call)
        return [try call.add(Reduce(isMaximum ? .max : .mean, axes: layout.axes, keepDimensions: keepsAxes), x)]
    }
}
