// Layers that change images at random while training, and do nothing at inference.

import AssayGraph
import AssayOperators
import AssayTensors

/// Hands on its input in the type that it computes in.
struct RandomImageLayer: KerasLayer {
    static let classNames = [
        "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast",
        "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale",
        "RandomHeight", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomRotation",
        "RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomWidth", "RandomZoom",
    ]

    init(_ configuration: KerasConfiguration) throws(AssayError) {}

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let type = try call.configuration.computeType()
        return [call.fact(of: x).type == type ? x : try call.add(Cast(type), x)]
    }
}
