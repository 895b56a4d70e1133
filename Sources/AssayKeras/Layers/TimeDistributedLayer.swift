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
        let shape = try call.shape(of: x)
        guard shape.count >= 2 else { throw call.configuration.unsupported("needs steps, found \(shape.text)") }
        let steps = try call.add(
            Reshape([.product(of: 0..<2)] + (2..<shape.count).map { .copied(axis: $0) }), x)
        let part = call.part("layer", name: innerConfiguration.name, role: "")
        let results = try inner.call(part.with(innerConfiguration, CallArguments([.tensor(steps)])))
        var outputs: [ValueID] = []
        for result in results { outputs.append(try apart(result, shape, call)) }
        return outputs
    }

    /// `[batch · time, …]` as `[batch, time, …]`.
    private func apart(_ result: ValueID, _ shape: [Dimension], _ call: KerasCall) throws(AssayError) -> ValueID {
        let rank = try call.shape(of: result).count
        let rest = (1..<max(rank, 1)).map { ReshapeExtent.copied(axis: $0) }
        if let time = shape[1].value { return try call.add(Reshape([.inferred, .fixed(time)] + rest), result) }
        // The number of steps is known when the model runs.
        let input = try call.add(ShapeOf(), call.input())
        let steps = try call.add(Slice(axes: [0], starts: [1], stops: [2], steps: [1]), input)
        let behind = try call.add(
            Slice(axes: [0], starts: [1], stops: [nil], steps: [1]), call.add(ShapeOf(), result))
        let inferred = call.constant(Tensor([Int64(-1)], shape: [1]))
        return try call.add(Reshape([]), result, call.add(Concatenate(axis: 0), inferred, steps, behind))
    }
}
