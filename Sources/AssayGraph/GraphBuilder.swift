// Builds a graph step by step: each node is checked and its results inferred as it is added, so that a graph that exists
// is sound.

import AssayTensors

/// Builds a graph from inputs to outputs. Readers drive it; errors name the layer that was being built.
public struct GraphBuilder: Sendable {
    /// What has been built so far.
    public private(set) var graph = Graph()
    /// The parameters so far; `ParameterID` counts in here.
    public private(set) var parameters: [Parameter] = []
    private var parameterValues: [ParameterID: ValueID] = [:]
    private var current: (layer: LayerID, call: Int)

    /// The most values, nodes or layers that a file may ask for.
    public static let maximumCount = 1 << 22

    /// A graph with nothing but its root layer; `separator` stands between nested layers where people read their paths.
    public init(rootClassName: String, configuration: JSON? = nil, separator: String = "/") {
        graph.separator = separator
        graph.layers.append(Layer(path: "", className: rootClassName, parent: nil, configuration: configuration))
        graph.layers[0].calls.append(Layer.Call(inputs: [], outputs: []))
        current = (LayerID(0), 0)
    }

    /// What is known of a value.
    public subscript(value: ValueID) -> Fact { graph[value].fact }

    // MARK: Layers

    /// Adds a layer inside `parent`. The path is the parent's and `name`, joined by `/`.
    public mutating func addLayer(
        name: String, className: String, in parent: LayerID, configuration: JSON? = nil
    ) -> LayerID {
        let prefix = graph[parent].path
        let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
        graph.layers.append(Layer(path: path, className: className, parent: parent, configuration: configuration))
        return LayerID(graph.layers.count - 1)
    }

    /// Starts a use of `layer`: nodes belong to it until `endCall`. Calls nest. Gives what `endCall` needs.
    ///
    /// `number` is the call's place among the layer's calls, where the file's order is not the order of execution; the
    /// next one unless it is given.
    public mutating func beginCall(of layer: LayerID, inputs: [ValueID], number: Int? = nil) -> OpenCall {
        let place = number ?? graph.layers[layer.index].calls.count
        precondition((0..<GraphBuilder.maximumCount).contains(place), "a call's number is bounded")
        while graph.layers[layer.index].calls.count <= place {
            graph.layers[layer.index].calls.append(Layer.Call(inputs: [], outputs: []))
        }
        graph.layers[layer.index].calls[place].inputs = inputs
        let outer = current
        current = (layer, place)
        return OpenCall(outer: outer, layer: layer, call: place)
    }

    /// Ends a use of a layer, whose recorded outputs are `outputs`.
    public mutating func endCall(_ call: OpenCall, outputs: [ValueID]) {
        graph.layers[call.layer.index].calls[call.call].outputs = outputs
        current = call.outer
    }

    /// A use of a layer that has begun and not ended.
    public struct OpenCall: Sendable {
        fileprivate let outer: (layer: LayerID, call: Int)
        /// The layer.
        public let layer: LayerID
        fileprivate let call: Int
    }

    /// The layer to which nodes belong now.
    public var currentLayer: LayerID { current.layer }

    // MARK: Values

    /// Adds an input of the model. One with `fill` may be left out: every element is this number then.
    public mutating func addInput(name: String, fact: Fact, fill: Double? = nil) -> ValueID {
        let value = addValue(.input(name), fact)
        graph.inputs.append(Port(name: name, value: value, fill: fill))
        graph.layers[0].calls[0].inputs.append(value)
        return value
    }

    /// Declares an output of the model.
    public mutating func addOutput(name: String, value: ValueID) {
        graph.outputs.append(Port(name: name, value: value))
        graph.layers[0].calls[0].outputs.append(value)
    }

    /// Declares a value that is recorded beside the layers' outputs.
    public mutating func addRecord(name: String, value: ValueID) {
        graph.records.append(Port(name: name, value: value))
    }

    /// Adds a constant that is no weight.
    public mutating func addConstant(_ tensor: Tensor) -> ValueID {
        addValue(.constant(tensor), Fact(constant: tensor))
    }

    /// Adds a parameter of the model, owned by `parameter.layer`.
    public mutating func addParameter(_ parameter: Parameter) -> ParameterID {
        parameters.append(parameter)
        let id = ParameterID(parameters.count - 1)
        graph.layers[parameter.layer.index].parameters.append(id)
        return id
    }

    /// Says where a parameter that was declared before its file was read is stored. Extents that its value was declared
    /// without become known.
    public mutating func bind(
        _ parameter: ParameterID, type: ElementType, shape: Shape, sources: [String], view: View = .stored(0)
    ) {
        parameters[parameter.index].type = type
        parameters[parameter.index].shape = shape
        parameters[parameter.index].sources = sources
        parameters[parameter.index].view = view
        if let value = parameterValues[parameter] {
            graph.values[value.index].fact.shape = shape.dimensions
        }
    }

    /// The value of a parameter, one however often it is used. `fact` is what is known of it before it is bound to a
    /// stored tensor: type and shape of the parameter unless it is given.
    public mutating func value(of parameter: ParameterID, declaredAs fact: Fact? = nil) -> ValueID {
        if let value = parameterValues[parameter] { return value }
        let stored = parameters[parameter.index]
        let value = addValue(.parameter(parameter), fact ?? Fact(stored.type, stored.shape))
        parameterValues[parameter] = value
        return value
    }

    private mutating func addValue(_ origin: Value.Origin, _ fact: Fact) -> ValueID {
        graph.values.append(Value(origin: origin, fact: fact))
        return ValueID(graph.values.count - 1)
    }

    // MARK: Nodes

    /// Adds a node to the current layer and infers its results.
    ///
    /// - Throws: `AssayError.unreadable` when the operands do not fit the operator, naming the layer.
    public mutating func add(
        _ operation: any Operation, _ operands: [ValueID?]
    ) throws(AssayError) -> [ValueID] {
        guard graph.values.count < GraphBuilder.maximumCount else { throw .unreadable("the graph is too large") }
        let path = graph[current.layer].path
        let facts: [Fact]
        do throws(AssayError) {
            facts = try operation.infer(operands.map { $0.map { graph[$0].fact } })
        } catch {
            throw error.located(object: path.isEmpty ? nil : path)
        }
        let id = NodeID(graph.nodes.count)
        let results = facts.indices.map { addValue(.node(id, result: $0), facts[$0]) }
        graph.nodes.append(
            Node(
                operation: operation, operands: operands, results: results, layer: current.layer, call: current.call))
        return results
    }

    /// Adds a node that has one result.
    public mutating func addOne(
        _ operation: any Operation, _ operands: ValueID?...
    ) throws(AssayError) -> ValueID {
        let results = try add(operation, operands)
        precondition(!results.isEmpty, "an operator has at least one result")
        return results[0]
    }
}
