// Layers that do nothing at inference: dropout, noise, regularisation, losses and metrics.

import AssayGraph
import AssayTensors

/// Hands on its input.
struct IdentityLayer: KerasLayer {
    static let classNames = [
        "ActivityRegularization", "AddLoss", "AddMetric", "AlphaDropout", "Dropout", "GaussianDropout",
        "GaussianNoise", "Identity", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
    ]

    init(_ configuration: KerasConfiguration) throws(AssayError) {}

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] { [try call.input()] }
}
