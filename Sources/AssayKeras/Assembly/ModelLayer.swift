// A model as a layer: the root, a model nested in another, and one inside a wrapper.

import AssayGraph
import AssayTensors
import OrderedCollections

/// A Sequential or Functional model, called like any layer.
struct ModelLayer: KerasLayer {
    static let classNames = ModelPlan.classNames.sorted()

    private let plan: ModelPlan
    private let layers: [LayerInstance]

    /// A model inside a wrapper: its layers have no regions of their own.
    init(_ configuration: KerasConfiguration) throws(AssayError) {
        let plan = try ModelPlan(configuration, enclosing: configuration.path)
        self.plan = plan
        layers = try ModelLayer.instances(of: plan) { _ in nil }
    }

    /// A model whose layers are regions inside `region`.
    init(_ plan: ModelPlan, in region: LayerID, of assembly: GraphAssembly) throws(AssayError) {
        self.plan = plan
        layers = try ModelLayer.instances(of: plan) { configuration in
            assembly.builder.addLayer(
                name: configuration.name, className: configuration.className, in: region,
                configuration: configuration.entry)
        } model: { (plan, region) throws(AssayError) in
            try ModelLayer(plan, in: region, of: assembly)
        }
    }

    private static func instances(
        of plan: ModelPlan, region: (KerasConfiguration) -> LayerID?,
        model: (ModelPlan, LayerID) throws(AssayError) -> ModelLayer = { (plan, _) throws(AssayError) in
            try ModelLayer(plan.configuration)
        }
    ) throws(AssayError) -> [LayerInstance] {
        var instances: [LayerInstance] = []
        let counts = plan.resultCounts
        for layer in plan.layers {
            let configuration = layer.configuration
            let id = region(configuration)
            let made: any KerasLayer
            if let inner = layer.model, let id {
                made = try model(inner, id)
            } else {
                made = try KerasRegistry.layer(for: configuration)
            }
            instances.append(
                LayerInstance(
                    layer: made, configuration: configuration, region: id, resultCount: counts[instances.count]))
        }
        return instances
    }

    var supportsMasking: Bool { true }

    /// Masks are where the inner layers put them.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        outputs.map { call.mask(of: $0) }
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let inputs = try orderedInputs(call)
        if let mask = call.arguments.argument("mask")?.tensors {
            for (input, mask) in zip(inputs, mask) { call.assembly.masks[input] = mask }
        }
        return try run(inputs, call)
    }

    /// The inputs in the model's order; a dictionary is taken by key.
    private func orderedInputs(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        if case .dictionary(let members)? = call.arguments.positional.first {
            let names = plan.inputs.map { plan.layers[$0.layer].configuration.name }
            for keys in [plan.inputKeys, names] where Set(keys) == Set(members.keys) {
                return keys.compactMap { members[$0]?.tensors.first }
            }
        }
        let inputs = call.inputs
        guard inputs.count == plan.inputs.count else {
            throw call.configuration.unsupported("has \(plan.inputs.count) inputs, and is called with \(inputs.count)")
        }
        return inputs
    }

    /// Calls every layer in order.
    func run(_ inputs: [ValueID], _ call: KerasCall) throws(AssayError) -> [ValueID] {
        let assembly = call.assembly
        let scopes = layers.map { scope(of: $0, in: call.scope, assembly) }
        var results = plan.layers.map { Array(repeating: [ValueID](), count: $0.callCount) }
        for planned in plan.calls {
            let instance = layers[planned.layer]
            let number = call.number * plan.layers[planned.layer].callCount + planned.number
            var arguments = try planned.arguments.map { (reference) throws(AssayError) in
                try result(reference, of: results)
            }
            if let port = plan.inputs.firstIndex(where: { $0.layer == planned.layer }) {
                arguments.positional = [.tensor(inputs[port])]
            }
            results[planned.layer][planned.number] = try assembly.invoke(
                instance, arguments, number: number, in: scopes[planned.layer],
                declaredResults: plan.declaredResults(of: planned, count: instance.resultCount))
        }
        var outputs: [ValueID] = []
        for reference in plan.outputs { outputs.append(try result(reference, of: results)) }
        return outputs
    }

    private func scope(of layer: LayerInstance, in scope: WeightScope, _ assembly: GraphAssembly) -> WeightScope {
        let configuration = layer.configuration
        let name = configuration.name
        let roles = [scope.role, name].filter { !$0.isEmpty }
        return scope.child(
            .layer(name: name, className: configuration.className), name: name,
            role: layer.region == nil ? roles.joined(separator: "/") : "", layer: layer.region ?? scope.layer,
            isTrainable: configuration.isTrainable)
    }

    private func result(
        _ reference: TensorReference, of results: [[[ValueID]]]
    ) throws(AssayError) -> ValueID {
        let outputs = results[reference.layer][reference.call]
        guard outputs.indices.contains(reference.result) else {
            throw plan.layers[reference.layer].configuration.unsupported(
                "has \(outputs.count) outputs, and number \(reference.result) is asked for")
        }
        return outputs[reference.result]
    }

    // MARK: The root

    /// Builds the whole model: its inputs, its layers, its outputs.
    func assemble(in assembly: GraphAssembly) throws(AssayError) {
        var inputs: [ValueID] = []
        var hasSequence = false
        for reference in plan.inputs {
            let configuration = plan.layers[reference.layer].configuration
            let input = try InputLayer(configuration)
            inputs.append(
                assembly.builder.addInput(name: configuration.name, fact: input.fact(isFirstSequence: !hasSequence)))
            hasSequence = hasSequence || input.hasSequence
        }
        let call = KerasCall(
            assembly: assembly, scope: assembly.root, configuration: plan.configuration,
            arguments: CallArguments([.list(inputs.map { .tensor($0) })]), number: 0)
        let outputs = try run(inputs, call)
        for (name, value) in zip(outputNames(assembly), outputs) {
            assembly.builder.addOutput(name: name, value: value)
        }
    }

    /// The output layers' names, told apart by a count; Keras 3 puts the result's number behind where a layer has several.
    private func outputNames(_ assembly: GraphAssembly) -> [String] {
        var used: Set<String> = []
        var names: [String] = []
        for reference in plan.outputs {
            let instance = layers[reference.layer]
            var name = instance.configuration.name
            let calls = instance.region.map { assembly.builder.graph[$0].calls } ?? []
            if instance.configuration.generation == .keras3 {
                let results = calls.indices.contains(reference.call) ? calls[reference.call].outputs.count : 1
                if results > 1 { name += ".\(reference.result)" }
            }
            var unique = name
            var count = 1
            while !used.insert(unique).inserted {
                unique = name + (instance.configuration.generation == .keras3 ? ":" : "_") + "\(count)"
                count += 1
            }
            names.append(unique)
        }
        return names
    }
}
