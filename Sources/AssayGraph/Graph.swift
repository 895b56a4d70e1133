// The graph IR: values, the nodes that compute them, and the tree of layers as people know them.

import AssayTensors

/// A value of a graph.
public struct ValueID: Sendable, Hashable, Comparable, Codable {
    /// The index in `Graph.values`.
    public let index: Int
    /// The value at `index`.
    public init(_ index: Int) { self.index = index }
    /// By index.
    public static func < (left: ValueID, right: ValueID) -> Bool { left.index < right.index }
}

/// A node of a graph.
public struct NodeID: Sendable, Hashable, Comparable, Codable {
    /// The index in `Graph.nodes`.
    public let index: Int
    /// The node at `index`.
    public init(_ index: Int) { self.index = index }
    /// By index.
    public static func < (left: NodeID, right: NodeID) -> Bool { left.index < right.index }
}

/// A layer of a graph.
public struct LayerID: Sendable, Hashable, Comparable, Codable {
    /// The index in `Graph.layers`.
    public let index: Int
    /// The layer at `index`.
    public init(_ index: Int) { self.index = index }
    /// By index.
    public static func < (left: LayerID, right: LayerID) -> Bool { left.index < right.index }
}

/// A parameter of a model.
public struct ParameterID: Sendable, Hashable, Comparable, Codable {
    /// The index in `Model.parameters`.
    public let index: Int
    /// The parameter at `index`.
    public init(_ index: Int) { self.index = index }
    /// By index.
    public static func < (left: ParameterID, right: ParameterID) -> Bool { left.index < right.index }
}

/// Something that flows along an edge.
public struct Value: Sendable {
    /// Where a value comes from.
    public enum Origin: Sendable {
        /// The caller: an input of the model, by its name.
        case input(String)
        /// A parameter of the model.
        case parameter(ParameterID)
        /// A tensor that the graph itself carries (not a weight).
        case constant(Tensor)
        /// A result of a node.
        case node(NodeID, result: Int)
    }

    /// Where it comes from.
    public var origin: Origin
    /// What is known of it before running.
    public var fact: Fact

    /// A value.
    public init(origin: Origin, fact: Fact) {
        self.origin = origin
        self.fact = fact
    }

    /// The node that computes it, nil for inputs, parameters and constants.
    public var producer: NodeID? {
        if case .node(let node, _) = origin { node } else { nil }
    }
}

/// One operator at its place.
public struct Node: Sendable {
    /// What it does.
    public var operation: any Operation
    /// The operands in the operator's order; nil for an operand that is left out.
    public var operands: [ValueID?]
    /// The results in the operator's order.
    public var results: [ValueID]
    /// The innermost layer it belongs to.
    public var layer: LayerID
    /// The number of the layer's call it belongs to: a shared layer is called several times.
    public var call: Int

    /// A node.
    public init(operation: any Operation, operands: [ValueID?], results: [ValueID], layer: LayerID, call: Int) {
        self.operation = operation
        self.operands = operands
        self.results = results
        self.layer = layer
        self.call = call
    }
}

/// A named region of the graph, as people know it: a layer of Keras, a module of PyTorch, a block.
public struct Layer: Sendable {
    /// One use of a layer.
    public struct Call: Sendable, Hashable, Codable {
        /// The values that enter, in the order in which the framework passes them.
        public var inputs: [ValueID]
        /// The values that leave: the layer's recorded outputs.
        public var outputs: [ValueID]

        /// One use of a layer.
        public init(inputs: [ValueID], outputs: [ValueID]) {
            self.inputs = inputs
            self.outputs = outputs
        }
    }

    /// Names of the enclosing layers and its own, joined by `/`; the root's is empty.
    public var path: String
    /// The class as its framework calls it: `Dense`, `MultiHeadAttention`, `Functional`, …
    public var className: String
    /// The enclosing layer; nil for the root.
    public var parent: LayerID?
    /// The configuration as the file has it, for those who want to see it.
    public var configuration: JSON?
    /// Its own parameters, not those of the layers inside, in its framework's order.
    public var parameters: [ParameterID]
    /// Its uses, in the order of the file.
    public var calls: [Call]

    /// A layer without calls and parameters.
    public init(path: String, className: String, parent: LayerID?, configuration: JSON? = nil) {
        self.path = path
        self.className = className
        self.parent = parent
        self.configuration = configuration
        parameters = []
        calls = []
    }

    /// The last part of the path.
    public var name: Substring { path.split(separator: "/").last ?? "" }
}

/// A named input or output of a model.
public struct Port: Sendable, Hashable, Codable {
    /// The name by which callers know it.
    public var name: String
    /// The value.
    public var value: ValueID
    /// What every element of an input is where the caller leaves it out; nil for one that must be given, and for outputs.
    public var fill: Double?

    /// A named value.
    public init(name: String, value: ValueID, fill: Double? = nil) {
        self.name = name
        self.value = value
        self.fill = fill
    }
}

/// Values, nodes in topological order, and layers. Layer 0 is the root, the model itself.
public struct Graph: Sendable {
    /// All values; `ValueID` counts in here.
    public internal(set) var values: [Value] = []
    /// All nodes, each after those whose results it takes; `NodeID` counts in here.
    public internal(set) var nodes: [Node] = []
    /// All layers, each after its parent, in the order of the file; `LayerID` counts in here.
    public internal(set) var layers: [Layer] = []
    /// The inputs in the order of the file.
    public internal(set) var inputs: [Port] = []
    /// The outputs in the order of the file.
    public internal(set) var outputs: [Port] = []
    /// Values that the framework gives beside the outputs when asked: hidden states, attentions. They are recorded with
    /// the layers.
    public internal(set) var records: [Port] = []
    /// What the models' own users put between the names of nested layers: PyTorch's modules have dots.
    public internal(set) var separator = "/"

    init() {}

    /// A path, or the name of one of its calls, as the models' own users write it.
    public func spelled(_ path: String) -> String {
        separator == "/" ? path : path.split(separator: "/").joined(separator: separator)
    }

    /// The value with this number.
    public subscript(value: ValueID) -> Value { values[value.index] }
    /// The node with this number.
    public subscript(node: NodeID) -> Node { nodes[node.index] }
    /// The layer with this number.
    public subscript(layer: LayerID) -> Layer { layers[layer.index] }

    /// The root layer: the model itself.
    public var root: LayerID { LayerID(0) }

    /// All layer numbers, parents before children.
    public var layerIDs: [LayerID] { layers.indices.map { LayerID($0) } }

    /// All node numbers, in topological order.
    public var nodeIDs: [NodeID] { nodes.indices.map { NodeID($0) } }

    /// The layer at `path`, nil where there is none.
    public func layer(at path: String) -> LayerID? {
        layers.firstIndex { $0.path == path }.map { LayerID($0) }
    }

    /// The layers directly inside `layer`.
    public func children(of layer: LayerID) -> [LayerID] {
        layerIDs.filter { self[$0].parent == layer }
    }

    /// Whether `layer` is `ancestor` or lies inside it.
    public func isInside(_ layer: LayerID, _ ancestor: LayerID) -> Bool {
        var current: LayerID? = layer
        while let here = current {
            if here == ancestor { return true }
            current = self[here].parent
        }
        return false
    }

    /// The nodes that take each value, in topological order.
    public var consumers: [ValueID: [NodeID]] {
        var consumers: [ValueID: [NodeID]] = [:]
        for id in nodeIDs {
            for operand in Set(self[id].operands.compactMap { $0 }) { consumers[operand, default: []].append(id) }
        }
        return consumers
    }

    /// Where a value comes from, for a report: the input or the layer that gives it, with its shape.
    public func description(of value: ValueID) -> String {
        let shape = self[value].fact.shape?.text ?? "unknown shape"
        switch self[value].origin {
        case .input(let name): return "input \(name): \(shape)"
        case .parameter, .constant: return shape
        case .node(let node, _): return "\(self[self[node].layer].path): \(shape)"
        }
    }

    /// The nodes that cannot be run, in topological order.
    public var opaqueNodes: [NodeID] { nodeIDs.filter { self[$0].operation is Opaque } }
}
