// TimeDistributed: a layer applied to every step.

import AssayGraph
import AssayOperators
import AssayTensors

/// Calls the layer inside with batch and time as one axis, and takes them apart again.
struct TimeDistributedLayer: KerasLayer {
    static let classNames = ["TimeDistributed"]

    private let inner: any KerasLayer
    private let innerConfiguration: KerasConfiguration

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        innerConfiguration = try configuration.inner("layer")
        inner = try KerasRegistry.layer(for: innerConfiguration)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let steps = try call.joinedSteps(x)
        let part = call.part("layer", name: innerConfiguration.name, role: "")
        let results = try inner.call(part.with(innerConfiguration, CallArguments([.tensor(steps)])))
        var outputs: [ValueID] = []
        for result in results { outputs.append(try call.apartSteps(result, as: x)) }
        return outputs
    }
}
