// SpectralNormalization: a layer whose kernel training divides by its spectral norm.

import AssayGraph
import AssayTensors

/// Calls the layer inside, whose kernel is stored divided already.
struct SpectralNormalizationLayer: KerasLayer {
    static let classNames = ["SpectralNormalization"]

    private let inner: any KerasLayer
    private let innerConfiguration: KerasConfiguration

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        innerConfiguration = try configuration.inner("layer")
        inner = try KerasRegistry.layer(for: innerConfiguration)
    }

    var supportsMasking: Bool { inner.supportsMasking }

    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        try inner.outputMasks(call, outputs: outputs, previous: previous)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let part = call.part("layer", name: innerConfiguration.name, role: "")
        let outputs = try inner.call(part.with(innerConfiguration, call.arguments))
        let kernel = part.scope.variables.first { ["kernel", "embeddings"].contains($0.role) }
        guard var kernel, let width = kernel.shape.last else {
            return try OpaqueLayer(call.configuration, reason: "the layer inside has no kernel").call(call)
        }
        if !call.scope.variables.contains(where: \.isAlias) {
            kernel.isAlias = true
            call.scope.variables.append(kernel)
        }
        // What training remembers of the kernel's greatest direction.
        _ = try call.weight("vector_u", [1, width], isTrainable: false)
        return outputs
    }
}
