// A Sequential or Functional configuration as a plan: its layers, and their calls in the order of execution.

import AssayGraph
import AssayTensors

/// A result of a layer's call in a plan.
struct TensorReference: Sendable, Hashable {
    /// The index of the layer in the plan.
    var layer: Int
    /// The number of the layer's call.
    var call: Int
    /// The number of the result.
    var result: Int
}

/// One layer of a plan.
struct LayerPlan: Sendable {
    /// Its configuration.
    var configuration: KerasConfiguration
    /// The plan inside, where the layer is itself a model.
    var model: ModelPlan?
    /// How often it is called.
    var callCount: Int

    /// Whether values enter the model here.
    var isInput: Bool { configuration.className == "InputLayer" }
}

/// A model as its configuration describes it.
struct ModelPlan: Sendable {
    /// One call of a layer.
    struct Call: Sendable {
        /// The index of the layer.
        var layer: Int
        /// The number of the call, by the file's order.
        var number: Int
        /// What it is called with.
        var arguments: CallArguments<TensorReference>
    }

    /// The model's own configuration.
    var configuration: KerasConfiguration
    /// The layers in the file's order.
    var layers: [LayerPlan]
    /// The calls, each after those whose results it takes.
    var calls: [Call]
    /// What enters, in the order of the model's inputs.
    var inputs: [TensorReference]
    /// The keys of a dictionary of inputs, in the order of `inputs`; empty where the inputs are no dictionary.
    var inputKeys: [String]
    /// What leaves, in the order of the model's outputs.
    var outputs: [TensorReference]
    /// What Keras 3 writes down of each tensor that a layer takes: its type and shape.
    var declaredFacts: [TensorReference: Fact] = [:]

    /// The classes whose configuration is a graph of layers.
    static let classNames: Set<String> = ["Functional", "Sequential", "Model"]

    /// The deepest nesting of models.
    static let maximumDepth = 64

    /// Whether `entry` describes a graph of layers; a subclassed model has none.
    static func isGraph(_ entry: JSON) -> Bool {
        guard let className = entry["class_name"]?.string else { return false }
        if className == "Sequential" { return entry["config"]?.array != nil || entry["config"]?["layers"] != nil }
        return entry["config"]?["layers"] != nil && entry["config"]?["output_layers"] != nil
    }

    /// The plan that a configuration describes.
    ///
    /// - Throws: `AssayError.unreadable` naming the layer, for an unknown reference, a cycle, a duplicate name, …
    init(
        _ configuration: KerasConfiguration, enclosing: String, depth: Int = 0
    ) throws(AssayError) {
        guard depth < ModelPlan.maximumDepth else { throw configuration.unsupported("models are nested too deeply") }
        let entries = configuration.entry["config"]?.array ?? configuration.values["layers"]?.array
        guard let entries else { throw configuration.invalid("layers", expected: "a list of layers") }
        guard !entries.isEmpty else { throw configuration.unsupported("the model has no layers") }
        var layers: [LayerPlan] = []
        var names: Set<String> = []
        for (index, entry) in entries.enumerated() {
            let layer = try ModelPlan.layer(entry, index, configuration.generation, enclosing, depth)
            guard names.insert(layer.configuration.name).inserted else {
                throw layer.configuration.unsupported("two layers have this name")
            }
            layers.append(layer)
        }
        self.init(configuration: configuration, layers: layers, calls: [], inputs: [], inputKeys: [], outputs: [])
        if configuration.className == "Sequential" {
            try connectSequence()
        } else {
            try connectGraph(entries)
        }
    }

    private init(
        configuration: KerasConfiguration, layers: [LayerPlan], calls: [Call], inputs: [TensorReference],
        inputKeys: [String], outputs: [TensorReference]
    ) {
        self.configuration = configuration
        self.layers = layers
        self.calls = calls
        self.inputs = inputs
        self.inputKeys = inputKeys
        self.outputs = outputs
    }

    private static func layer(
        _ entry: JSON, _ index: Int, _ generation: KerasGeneration, _ enclosing: String, _ depth: Int
    ) throws(AssayError) -> LayerPlan {
        let configuration = try KerasConfiguration(
            entry, generation: generation, in: enclosing, fallbackName: "layer_\(index)")
        let model =
            isGraph(entry) ? try ModelPlan(configuration, enclosing: configuration.path, depth: depth + 1) : nil
        return LayerPlan(configuration: configuration, model: model, callCount: 1)
    }

    /// What the file says of the results of a call.
    func declaredResults(of call: Call, count: Int) -> [Fact?] {
        (0..<count).map { declaredFacts[TensorReference(layer: call.layer, call: call.number, result: $0)] }
    }

    /// How many results of each layer are asked for.
    var resultCounts: [Int] {
        var counts = Array(repeating: 1, count: layers.count)
        for reference in calls.flatMap(\.arguments.tensors) + outputs {
            counts[reference.layer] = max(counts[reference.layer], reference.result + 1)
        }
        return counts
    }

    // MARK: Sequential

    /// A chain; where no input layer stands at its head, one is put there from the shape that the file tells.
    private mutating func connectSequence() throws(AssayError) {
        if !layers[0].isInput { layers.insert(try impliedInput(), at: 0) }
        for index in layers.indices {
            guard index == 0 || !layers[index].isInput else {
                throw layers[index].configuration.unsupported("an input layer stands within a Sequential model")
            }
            let previous = TensorReference(layer: index - 1, call: 0, result: 0)
            calls.append(
                Call(layer: index, number: 0, arguments: CallArguments(index == 0 ? [] : [.tensor(previous)])))
        }
        inputs = [TensorReference(layer: 0, call: 0, result: 0)]
        outputs = [TensorReference(layer: layers.count - 1, call: 0, result: 0)]
    }

    private func impliedInput() throws(AssayError) -> LayerPlan {
        let first = layers[0].configuration
        // A model that was never built says its shape nowhere: then nothing is known, not even the number of axes.
        let shapes: [JSON?] = [
            first["batch_input_shape"], first["batch_shape"], configuration["build_input_shape"],
            configuration.build?["input_shape"], layers[0].model?.inputShape,
        ]
        let shape = shapes.compactMap { $0 }.first { KerasConfiguration.shape($0) != nil } ?? .null
        let type: JSON =
            first.className == "Embedding" ? "int32" : first["dtype"].flatMap(\.string).map(JSON.string) ?? "float32"
        let name = first.name + "_input"
        let entry: JSON = [
            "class_name": "InputLayer",
            "config": ["batch_input_shape": shape, "dtype": type, "name": .string(name)],
        ]
        let enclosing = first.path.dropLast(first.name.count + 1)
        return LayerPlan(
            configuration: try KerasConfiguration(
                entry, generation: configuration.generation, in: String(enclosing), fallbackName: name),
            model: nil, callCount: 1)
    }

    /// The shape of the model's only input, as its input layer says it.
    private var inputShape: JSON? {
        guard inputs.count == 1, let input = inputs.first else { return nil }
        let configuration = layers[input.layer].configuration
        return configuration["batch_input_shape"] ?? configuration["batch_shape"]
    }
}
