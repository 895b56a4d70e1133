// Builds the graph of a plan: makes its layers, calls them in order, and carries masks on values as Keras does on tensors.

import AssayGraph
import AssayOperators
import AssayTensors

/// A layer of a plan, made once and called any number of times.
struct LayerInstance: Sendable {
    /// What it does.
    let layer: any KerasLayer
    /// Its configuration.
    let configuration: KerasConfiguration
    /// Its region in the graph; nil inside a wrapper, whose region takes all.
    let region: LayerID?
    /// How many results of a call are asked for, for a layer of which nothing else is known.
    let resultCount: Int
}

/// The graph of a model under construction.
///
/// A reference type, since nested calls of layers all add to the same graph.
final class GraphAssembly {
    /// The graph so far.
    var builder: GraphBuilder
    /// The masks that ride on values: a boolean for each step.
    var masks: [ValueID: ValueID] = [:]
    /// What does not fit together in the file; the layers that it touches are opaque.
    var defects: [Defect] = []
    /// The weights of the whole model.
    let root: WeightScope
    /// Whether the file keeps low-rank adapters beside the weights that they adapt, and not added to them.
    private let keepsAdaptersApart: Bool
    private var callCount = 0

    /// The most calls of layers in a model: nested models multiply.
    private static let maximumCallCount = 1 << 16

    init(_ plan: ModelPlan, keepsAdaptersApart: Bool = false) {
        self.keepsAdaptersApart = keepsAdaptersApart
        builder = GraphBuilder(rootClassName: plan.configuration.className, configuration: plan.configuration.entry)
        root = WeightScope(.part(""), name: "", role: "", layer: LayerID(0), isTrainable: true)
    }

    // MARK: Weights

    /// The most elements of one weight that a configuration without its weights is believed.
    private static let maximumWeightCount = 1 << 38

    /// Declares a weight of `scope`.
    ///
    /// - Throws: `AssayError.unreadable` when the configuration makes it larger than any weight can be.
    func declare(
        _ role: String, _ shape: [Dimension], _ type: ElementType, isTrainable: Bool, in scope: WeightScope
    ) throws(AssayError) -> ValueID {
        let stored = try Shape(checking: shape.map { $0.value ?? 0 })
        guard stored.count <= GraphAssembly.maximumWeightCount else {
            throw .unreadable("\(role) has too many elements", found: shape.text)
        }
        let fullRole = scope.role.isEmpty ? role : "\(scope.role)/\(role)"
        let path = builder.graph[scope.layer].path
        let parameter = builder.addParameter(
            Parameter(
                role: fullRole, path: path.isEmpty ? fullRole : "\(path)/\(fullRole)", layer: scope.layer, type: type,
                shape: stored, sources: [], isTrainable: isTrainable && scope.isTrainable))
        scope.variables.append(
            WeightScope.Variable(role: role, shape: shape, isTrainable: isTrainable, parameter: parameter))
        return builder.value(of: parameter, declaredAs: Fact(type, shape))
    }

    /// A part of the object that owns `scope`'s weights, inside the same region.
    func part(of scope: WeightScope, attribute: String, name: String, role: String) -> WeightScope {
        let roles = [scope.role, role].filter { !$0.isEmpty }
        return scope.child(
            .part(attribute), name: name, role: roles.joined(separator: "/"), layer: scope.layer,
            isTrainable: true)
    }

    // MARK: Calls

    /// Calls a layer: its outputs, with masks on them as Keras puts them.
    func invoke(
        _ instance: LayerInstance, _ arguments: CallArguments<ValueID>, number: Int, in scope: WeightScope,
        declaredResults: [Fact?] = []
    ) throws(AssayError) -> [ValueID] {
        callCount += 1
        guard callCount <= GraphAssembly.maximumCallCount else {
            throw instance.configuration.unsupported("nested models call too many layers")
        }
        let call = KerasCall(
            assembly: self, scope: scope, configuration: instance.configuration, arguments: arguments, number: number,
            resultCount: instance.resultCount, declaredResults: declaredResults)
        let open = instance.region.map {
            builder.beginCall(of: $0, inputs: arguments.tensors, number: number)
        }
        let outputs: [ValueID]
        do throws(AssayError) {
            outputs = try masked(instance.layer, call)
        } catch {
            throw error.located(object: instance.configuration.path)
        }
        if let open { builder.endCall(open, outputs: outputs) }
        return outputs
    }

    /// Calls a layer and puts masks on its outputs, as `Layer.__call__` of Keras does.
    private func masked(_ layer: any KerasLayer, _ call: KerasCall) throws(AssayError) -> [ValueID] {
        let inputs = call.inputs
        // The masks as they are before the call: attention takes them off.
        let previous: [ValueID?] =
            call.arguments.argument("mask").map { $0.tensors } ?? inputs.map { masks[$0] }
        var outputs = try evaluated(layer, call)
        if layer.supportsMasking {
            guard outputs.contains(where: { masks[$0] == nil }) else { return outputs }
            let new = try layer.outputMasks(call, outputs: outputs, previous: previous)
            for (output, mask) in zip(outputs, new) where masks[output] == nil { masks[output] = mask }
        } else {
            // A layer that only hands its input on makes a new tensor, without the mask.
            for index in outputs.indices where inputs.contains(outputs[index]) && masks[outputs[index]] != nil {
                outputs[index] = try call.add(Identity(), outputs[index])
            }
        }
        return outputs
    }

    /// Calls a layer. One that needs to know more of its inputs than an opaque layer before it tells is opaque too, as is
    /// one with an option that is not known here, and one whose inputs do not fit, which is a defect of the file.
    private func evaluated(_ layer: any KerasLayer, _ call: KerasCall) throws(AssayError) -> [ValueID] {
        if keepsAdaptersApart, call.configuration["lora_rank"] != nil {
            return try OpaqueLayer(call.configuration, reason: "its low-rank adapters are not added").call(call)
        }
        do throws(AssayError) {
            return try layer.call(call)
        } catch {
            let tensors = call.arguments.tensors
            let known = (tensors + tensors.compactMap { masks[$0] }).allSatisfy { builder[$0].shape != nil }
            // What goes wrong inside a nested model was dealt with at the layer where it did.
            guard !(layer is ModelLayer) else { throw error }
            if error.code == .unreadable, known {
                defects.append(
                    Defect(
                        layer: call.configuration.path, error: error,
                        witnesses: tensors.map { builder.graph.description(of: $0) }))
            }
            let reason = error.code == .notRunnable || known ? error.message : "the shape of its input is not known"
            return try OpaqueLayer(call.configuration, reason: reason).call(call)
        }
    }
}
