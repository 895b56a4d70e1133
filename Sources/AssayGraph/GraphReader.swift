// Reads the JSON form of a graph. The text comes from a file, so every number is checked, and every node is inferred anew.

import AssayTensors
import OrderedCollections

/// Builds a graph from its JSON form.
struct GraphReader {
    let json: JSON
    let tensors: OrderedDictionary<String, Tensor>
    let resolver: OperationResolver
    var graph = Graph()
    var parameters: [Parameter] = []
    // Most nodes, parameters and values say what another has said before.
    private var operations = Memo<OperationText, any Operation>()
    private var views = Memo<JSON, View>()
    private var shapes = Memo<JSON, [Dimension]>()

    /// As a text, in which 0 and -0 differ.
    private struct OperationText: Hashable {
        let name: String
        let attributes: String
    }

    init(json: JSON, tensors: OrderedDictionary<String, Tensor>, resolver: @escaping OperationResolver) {
        self.json = json
        self.tensors = tensors
        self.resolver = resolver
    }

    mutating func read() throws(AssayError) {
        guard json["format"]?.string == "assay-graph", json["version"]?.integer == Model.graphVersion else {
            throw .unreadable("not a graph of version \(Model.graphVersion)")
        }
        let valueCount = try list("values").count
        for layer in try list("layers") { try readLayer(layer, valueCount) }
        guard !graph.layers.isEmpty else { throw .unreadable("the graph has no layers") }
        for parameter in try list("parameters") { try readParameter(parameter) }
        for index in graph.layers.indices {
            guard graph.layers[index].parameters.allSatisfy({ parameters.indices.contains($0.index) }) else {
                throw .unreadable("a layer names a parameter that is not there")
            }
        }
        for value in try list("values") { try readValue(value) }
        for node in try list("nodes") { try readNode(node) }
        graph.inputs = try ports("inputs")
        graph.outputs = try ports("outputs")
        graph.records = json["records"] == nil ? [] : try ports("records")
        graph.separator = json["separator"]?.string ?? graph.separator
        for (index, value) in graph.values.enumerated() {
            guard let node = value.producer else { continue }
            guard graph.nodes.indices.contains(node.index),
                graph[node].results.contains(ValueID(index))
            else { throw .unreadable("value \(index) comes from a node that does not give it") }
        }
        graph.checkInvariants()
    }

    // MARK: Parts

    private mutating func readLayer(_ json: JSON, _ valueCount: Int) throws(AssayError) {
        let index = graph.layers.count
        let parent = json["parent"]?.integer
        guard let path = json["path"]?.string, let className = json["class"]?.string,
            index == 0 ? parent == nil && path.isEmpty : parent.map({ (0..<index).contains($0) }) ?? false
        else { throw .unreadable("layer \(index) has no path, class or parent") }
        var layer = Layer(
            path: path, className: className, parent: parent.map { LayerID($0) }, configuration: json["configuration"])
        layer.parameters = try indices(json["parameters"], below: .max).map { ParameterID($0) }
        for call in json["calls"]?.array ?? [] {
            layer.calls.append(
                Layer.Call(
                    inputs: try indices(call["inputs"], below: valueCount).map { ValueID($0) },
                    outputs: try indices(call["outputs"], below: valueCount).map { ValueID($0) }))
        }
        graph.layers.append(layer)
    }

    private mutating func readParameter(_ json: JSON) throws(AssayError) {
        guard let role = json["role"]?.string, let path = json["path"]?.string, let view = json["view"],
            let layer = json["layer"]?.integer, graph.layers.indices.contains(layer),
            let type = json["type"]?.string.flatMap({ ElementType(displayName: $0) }),
            let sources = json["sources"]?.array?.compactMap(\.string)
        else { throw .unreadable("parameter \(parameters.count) is not complete") }
        let shape = try Shape(checking: indices(json["shape"], below: .max))
        let parameter = try Parameter(
            role: role, path: path, layer: LayerID(layer), type: type, shape: shape, sources: sources,
            view: views.value(for: view) { () throws(AssayError) in try view.decoded(as: View.self) },
            isTrainable: json["trainable"]?.bool ?? true)
        var stored: [Shape] = []
        for source in sources {
            guard let tensor = tensors[source] else {
                throw .unreadable("parameter \(path) is made of a tensor that is not there", found: source)
            }
            guard tensor.type == type else {
                throw .unreadable(
                    "parameter \(path) has another type", expected: type.displayName, found: tensor.type.displayName)
            }
            stored.append(tensor.shape)
        }
        let found = try parameter.view.shape(of: stored)
        guard found == shape else {
            throw .unreadable(
                "parameter \(path) has another shape", expected: shape.description, found: found.description)
        }
        parameters.append(parameter)
    }

    private mutating func readValue(_ json: JSON) throws(AssayError) {
        let index = graph.values.count
        guard let type = json["type"]?.string.flatMap({ ElementType(displayName: $0) }), let shape = json["shape"]
        else {
            throw .unreadable("value \(index) has no type or shape")
        }
        let extents =
            shape.isNull
            ? nil : try shapes.value(for: shape) { () throws(AssayError) in try shape.decoded(as: [Dimension].self) }
        var fact = Fact(type, extents)
        guard (fact.shape ?? []).allSatisfy({ $0.value ?? 0 >= 0 }), fact.rank ?? 0 <= Shape.maximumRank else {
            throw .unreadable("value \(index) has an impossible shape")
        }
        let origin: Value.Origin
        if let name = json["input"]?.string {
            origin = .input(name)
        } else if let parameter = json["parameter"]?.integer {
            guard parameters.indices.contains(parameter) else {
                throw .unreadable("value \(index) is a parameter that is not there")
            }
            origin = .parameter(ParameterID(parameter))
            fact = Fact(parameters[parameter].type, parameters[parameter].shape)
        } else if let bytes = json["bytes"]?.string.flatMap({ Hexadecimal.bytes(of: $0) }), let shape = fact.knownShape
        {
            let tensor = try Tensor(type: type, shape: shape, region: ByteRegion(bytes))
            origin = .constant(tensor)
            fact = Fact(constant: tensor)
        } else {
            let place = try indices(json["node"], below: .max)
            guard place.count == 2 else { throw .unreadable("value \(index) comes from nowhere") }
            origin = .node(NodeID(place[0]), result: place[1])
        }
        graph.values.append(Value(origin: origin, fact: fact))
    }

    private mutating func readNode(_ json: JSON) throws(AssayError) {
        let id = NodeID(graph.nodes.count)
        guard let name = json["operator"]?.string, let attributes = json["attributes"],
            let layer = json["layer"]?.integer, let call = json["call"]?.integer, graph.layers.indices.contains(layer),
            graph.layers[layer].calls.indices.contains(call)
        else { throw .unreadable("node \(id.index) has no operator or layer") }
        guard let type = resolver(name) else { throw .unreadable("unknown operator \(name)") }
        var operands: [ValueID?] = []
        for operand in json["operands"]?.array ?? [] {
            guard !operand.isNull else {
                operands.append(nil)
                continue
            }
            guard let index = operand.integer, graph.values.indices.contains(index),
                graph.values[index].producer.map({ $0 < id }) ?? true
            else { throw .unreadable("node \(id.index) takes a value that is not computed before it") }
            operands.append(ValueID(index))
        }
        let results = try indices(json["results"], below: graph.values.count).map { ValueID($0) }
        let text = OperationText(name: name, attributes: attributes.text())
        let operation = try operations.value(for: text) { () throws(AssayError) in try attributes.decoded(as: type) }
        let facts = try operation.infer(operands.map { $0.map { graph[$0].fact } })
        guard facts.count == results.count else { throw .unreadable("\(name) has \(facts.count) results") }
        for (number, result) in results.enumerated() {
            guard case .node(id, number) = graph[result].origin else {
                throw .unreadable("value \(result.index) does not come from node \(id.index)")
            }
            graph.values[result.index].fact = facts[number]
        }
        graph.nodes.append(
            Node(operation: operation, operands: operands, results: results, layer: LayerID(layer), call: call))
    }

    // MARK: Helpers

    private func list(_ key: String) throws(AssayError) -> [JSON] {
        guard let elements = json[key]?.array, elements.count <= GraphBuilder.maximumCount else {
            throw .unreadable("the graph has no list \"\(key)\"")
        }
        return elements
    }

    private func ports(_ key: String) throws(AssayError) -> [Port] {
        var ports: [Port] = []
        for port in try list(key) {
            guard let name = port["name"]?.string, let value = port["value"]?.integer,
                graph.values.indices.contains(value)
            else { throw .unreadable("\(key) have no name or value") }
            ports.append(Port(name: name, value: ValueID(value), fill: port["fill"]?.number))
        }
        return ports
    }

    private func indices(_ json: JSON?, below limit: Int) throws(AssayError) -> [Int] {
        var indices: [Int] = []
        for element in json?.array ?? [] {
            guard let index = element.integer, index >= 0, index < limit else {
                throw .unreadable("a number points nowhere in the graph")
            }
            indices.append(index)
        }
        return indices
    }
}

extension JSON {
    /// The operation of this type that the JSON says.
    fileprivate func decoded(as type: any Operation.Type) throws(AssayError) -> any Operation {
        func open<Concrete: Operation>(_ type: Concrete.Type) throws(AssayError) -> any Operation {
            // The type is said, or this would be a call of the function that it stands in.
            let operation: Concrete = try decoded(as: Concrete.self)
            return operation
        }
        return try open(type)
    }
}
