// Adaptive pooling over one to three axes: as many parts as are asked for.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = the maximum or mean of each of `output_size` parts of the input.
struct AdaptivePoolingLayer: KerasLayer {
    static let classNames = [
        "AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D", "AdaptiveMaxPooling1D",
        "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D",
    ]

    private let layout: SpatialLayout
    private let pooling: AdaptivePooling

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        layout = try SpatialLayout(configuration)
        pooling = AdaptivePooling(
            configuration.className.hasPrefix("AdaptiveMax") ? .max : .average,
            size: try configuration.integers("output_size", count: layout.count), channelsFirst: layout.channelsFirst)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        _ = try layout.channels(of: x, in: call)
        return [try call.add(pooling, x)]
    }
}
