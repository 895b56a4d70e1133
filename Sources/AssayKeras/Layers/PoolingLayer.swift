// Max and average pooling over windows of one to three axes.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = the maximum or mean of each window.
struct PoolingLayer: KerasLayer {
    static let classNames = [
        "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D",
    ]

    private let pooling: Pooling
    private let layout: SpatialLayout

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        layout = try SpatialLayout(configuration)
        let size = try configuration.integers("pool_size", count: layout.count, default: 2)
        let strides =
            configuration["strides"] == nil ? size : try configuration.integers("strides", count: layout.count)
        let padding = try configuration.windowPadding()
        pooling = Pooling(
            configuration.className.hasPrefix("Max") ? .max : .average, size: size, strides: strides,
            padding: padding, channelsFirst: layout.channelsFirst)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        _ = try layout.channels(of: x, in: call)
        return [try call.add(pooling, x)]
    }
}
