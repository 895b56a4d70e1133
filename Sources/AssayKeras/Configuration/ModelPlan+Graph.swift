// The graph of a Functional model: its inbound nodes, in the notations of Keras 1, 2 and 3, in topological order.

import AssayGraph
import AssayTensors
import OrderedCollections

extension ModelPlan {
    /// Reads the inbound nodes of all layers, and puts the calls in an order in which they can run.
    mutating func connectGraph(_ entries: [JSON]) throws(AssayError) {
        let reader = NodeReader(layers: layers, entries: entries)
        var unordered: [[Call]] = []
        for index in layers.indices {
            let nodes = try reader.nodes(of: index)
            unordered.append(nodes)
            layers[index].callCount = nodes.count
        }
        for (layer, nodes) in unordered.enumerated() {
            for node in nodes {
                for reference in node.arguments.tensors where reference.call >= layers[reference.layer].callCount {
                    throw layers[layer].configuration.unsupported(
                        "takes call \(reference.call) of \(layers[reference.layer].configuration.name), which is called \(layers[reference.layer].callCount) times"
                    )
                }
            }
        }
        calls = try ordered(unordered)
        (inputs, inputKeys) = try reader.ports(configuration, "input_layers")
        outputs = try reader.ports(configuration, "output_layers").references
        for entry in entries { reader.collectFacts(entry["inbound_nodes"] ?? .null, &declaredFacts) }
        for reference in inputs where !layers[reference.layer].isInput {
            throw layers[reference.layer].configuration.unsupported("is named as an input, but is no input layer")
        }
        for reference in inputs + outputs where reference.call >= layers[reference.layer].callCount {
            throw layers[reference.layer].configuration.unsupported("has no call \(reference.call)")
        }
    }

    /// Depth first from the file's order, with a stack of our own: files decide the depth.
    private func ordered(_ unordered: [[Call]]) throws(AssayError) -> [Call] {
        enum State { case new, open, done }
        var states = unordered.map { Array(repeating: State.new, count: $0.count) }
        var result: [Call] = []
        var stack: [(layer: Int, call: Int, dependencies: ArraySlice<TensorReference>)] = []
        func open(_ layer: Int, _ call: Int) {
            states[layer][call] = .open
            stack.append((layer, call, unordered[layer][call].arguments.tensors[...]))
        }
        for layer in unordered.indices {
            for call in unordered[layer].indices where states[layer][call] == .new {
                open(layer, call)
                while var top = stack.popLast() {
                    guard let next = top.dependencies.popFirst() else {
                        states[top.layer][top.call] = .done
                        result.append(unordered[top.layer][top.call])
                        continue
                    }
                    stack.append(top)
                    switch states[next.layer][next.call] {
                    case .done: continue
                    case .new: open(next.layer, next.call)
                    case .open: throw layers[next.layer].configuration.unsupported("the graph has a cycle here")
                    }
                }
            }
        }
        return result
    }
}

/// Reads `inbound_nodes`, `input_layers` and `output_layers`.
private struct NodeReader {
    let layers: [LayerPlan]
    let entries: [JSON]
    private let indices: [String: Int]
    /// What the file counts from in references to each layer's calls: Keras 2 counts the call by which a nested model
    /// was made, which the file does not hold.
    private let firstCalls: [Int]

    init(layers: [LayerPlan], entries: [JSON]) {
        self.layers = layers
        self.entries = entries
        indices = Dictionary(layers.enumerated().map { ($1.configuration.name, $0) }) { first, _ in first }
        firstCalls = zip(layers, entries).map { layer, entry in
            guard let model = layer.model, model.layers.first?.isInput ?? false else { return 0 }
            let isKeras3 = entry["inbound_nodes"]?.array?.first?["args"] != nil
            return isKeras3 ? 0 : 1
        }
    }

    /// The calls of one layer. An input layer is called once, with nothing.
    func nodes(of layer: Int) throws(AssayError) -> [ModelPlan.Call] {
        let configuration = layers[layer].configuration
        let entry = entries[layer]
        guard let nodes = entry["inbound_nodes"]?.array ?? entry["config"]?["inbound_nodes"]?.array else {
            throw configuration.unsupported("has no inbound_nodes")
        }
        if layers[layer].isInput { return [ModelPlan.Call(layer: layer, number: 0, arguments: CallArguments([]))] }
        var calls: [ModelPlan.Call] = []
        for (number, node) in nodes.enumerated() {
            let arguments: CallArguments<TensorReference>
            if let positional = node["args"] {
                arguments = try modernArguments(positional, node["kwargs"] ?? [:], of: configuration)
            } else {
                arguments = try listedArguments(node, of: configuration)
            }
            calls.append(ModelPlan.Call(layer: layer, number: number, arguments: arguments))
        }
        return calls
    }

    // MARK: Keras 3

    /// `{"args": […], "kwargs": {…}}` with tensors as `__keras_tensor__` objects.
    private func modernArguments(
        _ positional: JSON, _ keyword: JSON, of configuration: KerasConfiguration
    ) throws(AssayError) -> CallArguments<TensorReference> {
        guard let positional = positional.array, let keyword = keyword.object else {
            throw configuration.unsupported("an inbound node is no list of arguments and dictionary")
        }
        var arguments = CallArguments<TensorReference>([])
        for argument in positional { arguments.positional.append(try modernArgument(argument, of: configuration)) }
        for (key, argument) in keyword { arguments.keyword[key] = try modernArgument(argument, of: configuration) }
        return arguments
    }

    private func modernArgument(
        _ argument: JSON, of configuration: KerasConfiguration
    ) throws(AssayError) -> CallArgument<TensorReference> {
        switch argument {
        case .array(let elements):
            var list: [CallArgument<TensorReference>] = []
            for element in elements { list.append(try modernArgument(element, of: configuration)) }
            return .list(list)
        case .object(let members):
            if members["class_name"]?.string == "__keras_tensor__" {
                guard let history = members["config"]?["keras_history"] else {
                    throw configuration.unsupported("a tensor has no keras_history")
                }
                return .tensor(try reference(history, from: configuration))
            }
            var dictionary: OrderedDictionary<String, CallArgument<TensorReference>> = [:]
            for (key, member) in members { dictionary[key] = try modernArgument(member, of: configuration) }
            return .dictionary(dictionary)
        default: return .constant(argument)
        }
    }

    // MARK: Keras 1 and 2

    /// A node is a structure of `[layer, call, result, kwargs]`: a list of them, a dictionary, or one alone.
    private func listedArguments(
        _ node: JSON, of configuration: KerasConfiguration
    ) throws(AssayError) -> CallArguments<TensorReference> {
        var keyword: OrderedDictionary<String, JSON> = [:]
        let structure = try listedArgument(node, &keyword, of: configuration)
        var arguments = CallArguments<TensorReference>([])
        // A list of one tensor is how a layer with one input is written.
        if case .list(let elements) = structure, elements.count == 1, !isReference(node) {
            arguments.positional = elements
        } else {
            arguments.positional = [structure]
        }
        for (key, value) in keyword { arguments.keyword[key] = try keywordArgument(value, of: configuration) }
        return arguments
    }

    private func isReference(_ value: JSON) -> Bool {
        guard let elements = value.array, (3...4).contains(elements.count) else { return false }
        return elements[0].string != nil && elements[1].integer != nil
    }

    private func listedArgument(
        _ node: JSON, _ keyword: inout OrderedDictionary<String, JSON>, of configuration: KerasConfiguration
    ) throws(AssayError) -> CallArgument<TensorReference> {
        if isReference(node), let elements = node.array {
            if elements.count == 4, let members = elements[3].object { keyword = members }
            if elements[0].string == "_CONSTANT_VALUE" { return .constant(elements[2]) }
            return .tensor(try reference(node, from: configuration))
        }
        switch node {
        case .array(let elements):
            var list: [CallArgument<TensorReference>] = []
            for element in elements { list.append(try listedArgument(element, &keyword, of: configuration)) }
            return .list(list)
        case .object(let members):
            var dictionary: OrderedDictionary<String, CallArgument<TensorReference>> = [:]
            for (key, member) in members {
                dictionary[key] = try listedArgument(member, &keyword, of: configuration)
            }
            return .dictionary(dictionary)
        default: throw configuration.unsupported("an inbound node names no layer: \(node.text().prefix(60))")
        }
    }

    /// A keyword argument is a tensor where it looks like a reference to a layer that exists.
    private func keywordArgument(
        _ value: JSON, of configuration: KerasConfiguration
    ) throws(AssayError) -> CallArgument<TensorReference> {
        if isReference(value), let elements = value.array, let name = elements[0].string {
            if name == "_CONSTANT_VALUE" { return .constant(elements[2]) }
            if indices[name] != nil, elements[2].integer != nil {
                return .tensor(try reference(value, from: configuration))
            }
        }
        switch value {
        case .array(let elements):
            var list: [CallArgument<TensorReference>] = []
            for element in elements { list.append(try keywordArgument(element, of: configuration)) }
            return .list(list)
        case .object(let members):
            var dictionary: OrderedDictionary<String, CallArgument<TensorReference>> = [:]
            for (key, member) in members { dictionary[key] = try keywordArgument(member, of: configuration) }
            return .dictionary(dictionary)
        default: return .constant(value)
        }
    }

    /// The types and shapes that stand beside the tensors which a layer takes.
    func collectFacts(_ value: JSON, _ facts: inout [TensorReference: Fact]) {
        switch value {
        case .array(let elements): for element in elements { collectFacts(element, &facts) }
        case .object(let members):
            guard members["class_name"]?.string == "__keras_tensor__", let config = members["config"],
                let name = config["keras_history"]?[0]?.string, let layer = indices[name],
                let call = config["keras_history"]?[1]?.integer, let result = config["keras_history"]?[2]?.integer
            else {
                for member in members.values { collectFacts(member, &facts) }
                return
            }
            let type = config["dtype"]?.string.flatMap { ElementType(displayName: $0) } ?? .f32
            let shape = config["shape"].flatMap { KerasConfiguration.shape($0) }?.enumerated().map {
                $1.map { Dimension.known($0) } ?? .symbolic($0 == 0 ? "batch" : "\(name).\($0)")
            }
            facts[TensorReference(layer: layer, call: call, result: result)] = Fact(type, shape)
        default: return
        }
    }

    // MARK: References

    /// `[layer, call, result]`.
    private func reference(_ value: JSON, from configuration: KerasConfiguration) throws(AssayError) -> TensorReference
    {
        guard let name = value[0]?.string, let call = value[1]?.integer, let result = value[2]?.integer else {
            throw configuration.unsupported(
                "a tensor is not named as [layer, call, result]: \(value.text().prefix(60))")
        }
        guard let layer = indices[name] else {
            throw configuration.unsupported("takes a tensor of \(name), which is no layer")
        }
        let number = call - firstCalls[layer]
        guard number >= 0, result >= 0, result < 1 << 16 else {
            throw configuration.unsupported("takes call \(call), result \(result) of \(name), which cannot be")
        }
        return TensorReference(layer: layer, call: number, result: result)
    }

    /// Keras 3 counts the call by which a Functional model was made in `output_layers`, though not in the nodes.
    private func port(_ value: JSON, _ configuration: KerasConfiguration) throws(AssayError) -> TensorReference {
        var reference = try reference(value, from: configuration)
        let layer = layers[reference.layer]
        if configuration.generation == .keras3, firstCalls[reference.layer] == 0, layer.model != nil,
            layer.configuration.className != "Sequential", reference.call > 0
        {
            reference.call -= 1
        }
        return reference
    }

    /// The references under `input_layers` or `output_layers`: one, a list, a dictionary, or these nested.
    func ports(
        _ configuration: KerasConfiguration, _ key: String
    ) throws(AssayError) -> (references: [TensorReference], keys: [String]) {
        guard let value = configuration[key] else { throw configuration.invalid(key, expected: "tensors") }
        var references: [TensorReference] = []
        var keys: [String] = []
        try collect(value, configuration, key: nil, &references, &keys)
        guard !references.isEmpty else { throw configuration.invalid(key, expected: "at least one tensor") }
        return (references, keys.count == references.count ? keys : [])
    }

    private func collect(
        _ value: JSON, _ configuration: KerasConfiguration, key: String?, _ references: inout [TensorReference],
        _ keys: inout [String]
    ) throws(AssayError) {
        if isReference(value) {
            references.append(try port(value, configuration))
            if let key { keys.append(key) }
        } else if let elements = value.array {
            for element in elements { try collect(element, configuration, key: nil, &references, &keys) }
        } else if let members = value.object {
            for (key, member) in members { try collect(member, configuration, key: key, &references, &keys) }
        } else {
            throw configuration.unsupported("a port is no tensor: \(value.text().prefix(60))")
        }
    }
}
