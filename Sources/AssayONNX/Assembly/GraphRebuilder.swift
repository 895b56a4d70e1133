// A graph built anew: without what nothing needs, and with some nodes replaced by others.

import AssayGraph
import AssayTensors

/// One node in place of several.
struct Replacement {
    /// An operand of the new node.
    indirect enum Operand {
        /// A value of the old graph.
        case value(ValueID)
        /// A parameter of the old graph in another role, and under a view of it.
        case parameter(ParameterID, role: String, view: View = .stored(0))
        /// A number.
        case number(Double)
        /// What another new node computes.
        case computed(any Operation, [Operand?])

        /// The values of the old graph that it takes.
        var values: [ValueID] {
            switch self {
            case .value(let value): [value]
            case .parameter, .number: []
            case .computed(_, let operands): operands.flatMap { $0?.values ?? [] }
            }
        }
    }

    /// What it does.
    let operation: any Operation
    /// Its operands.
    let operands: [Operand?]
    /// The nodes whose work it does, the one whose result it gives included.
    let covered: [NodeID]
}

/// Builds a graph anew.
struct GraphRebuilder {
    private let source: ElementaryGraph
    /// The replacement of each node whose first result another node gives from now on.
    private let replacements: [NodeID: Replacement]
    private var result: ElementaryGraph
    private var layers: [LayerID: LayerID] = [:]
    private var parameters: [ParameterKey: ValueID] = [:]
    private var values: [ValueID: ValueID] = [:]
    /// What layers are called and shown with, where that follows from their nodes.
    private var descriptions: [LayerID: LayerDescription] = [:]
    /// Whether nodes get layers of their own, where the names of the file say none.
    private var makesLayers = false
    private var ownNames: Set<String> = []

    /// What makes a parameter of the new graph.
    private struct ParameterKey: Hashable {
        let id: ParameterID
        let role: String?
        let view: View
    }

    /// - Parameters:
    ///   - replacements: the node that stands in place of each of these.
    ///   - describes: whether layers say which nodes of the file they are made of.
    init(
        _ source: ElementaryGraph, replacing replacements: [NodeID: Replacement] = [:], describes: Bool = false
    ) {
        self.source = source
        self.replacements = replacements
        let root = source.builder.graph.layers[0]
        result = ElementaryGraph(rootClassName: root.className, configuration: root.configuration)
        layers[LayerID(0)] = LayerID(0)
        if describes {
            descriptions = LayerDescription.all(in: source)
            makesLayers = source.builder.graph.layers.count == 1
        }
    }

    /// The new graph.
    ///
    /// - Throws: an operator's error when a replacement does not fit.
    consuming func rebuilt() throws(AssayError) -> ElementaryGraph {
        let graph = source.builder.graph
        for input in graph.inputs {
            values[input.value] = result.builder.addInput(name: input.name, fact: graph[input.value].fact)
        }
        let needed = neededNodes()
        for id in graph.nodeIDs where needed.contains(id) {
            var chain = source.chains[id.index].map { RegionCall(layer: layer($0.layer), call: $0.call) }
            if makesLayers, graph[graph[id].results[0]].fact.type.isFloatingPoint { chain.append(ownLayer(of: id)) }
            if let replacement = replacements[id] {
                let origins = replacement.covered.sorted().flatMap { source.origins[$0.index] }
                values[graph[id].results[0]] = try add(
                    replacement.operation, replacement.operands, chain, from: origins)
                continue
            }
            var operands: [ValueID?] = []
            for operand in graph[id].operands { operands.append(operand.map { value($0, chain) }) }
            let results = try result.add(graph[id].operation, operands, at: chain, from: source.origins[id.index])
            for (old, new) in zip(graph[id].results, results) { values[old] = new }
        }
        for output in graph.outputs {
            result.builder.addOutput(
                name: output.name, value: value(output.value, [RegionCall(layer: LayerID(0), call: 0)]))
        }
        return result
    }

    /// The nodes on which the outputs depend, once replacements are in place.
    private func neededNodes() -> Set<NodeID> {
        let graph = source.builder.graph
        var needed: Set<NodeID> = []
        var open = graph.outputs.map(\.value)
        while let value = open.popLast() {
            guard let node = graph[value].producer, needed.insert(node).inserted else { continue }
            guard let replacement = replacements[node] else {
                open += graph[node].operands.compactMap { $0 }
                continue
            }
            open += replacement.operands.flatMap { $0?.values ?? [] }
        }
        return needed
    }

    // MARK: Parts

    /// A layer with one node, called as the node of the file that gives its result.
    private mutating func ownLayer(of node: NodeID) -> RegionCall {
        let operation = source.builder.graph[node].operation
        let origins = source.origins[node.index]
        let parts = (origins.last?.name ?? operation.name).split(separator: "/")
        var name = parts.isEmpty ? operation.name : parts.joined(separator: "_")
        if !ownNames.insert(name).inserted { name += "_\(node.index)" }
        let entry = LayerDescription.entry(operation.name, origins)
        let layer = result.builder.addLayer(
            name: name, className: operation.name, in: LayerID(0),
            configuration: .object(["operators": .array([entry])]))
        return RegionCall(layer: layer, call: 0)
    }

    private mutating func layer(_ old: LayerID) -> LayerID {
        if let new = layers[old] { return new }
        let layer = source.builder.graph[old]
        let parent = self.layer(layer.parent ?? LayerID(0))
        let new = result.builder.addLayer(
            name: String(layer.name), className: descriptions[old]?.className ?? layer.className, in: parent,
            configuration: descriptions[old]?.configuration ?? layer.configuration)
        layers[old] = new
        return new
    }

    /// Adds a new node, and those that compute its operands.
    private mutating func add(
        _ operation: any Operation, _ operands: [Replacement.Operand?], _ chain: RegionChain, from origins: [NodeOrigin]
    ) throws(AssayError) -> ValueID {
        var values: [ValueID?] = []
        for operand in operands {
            switch operand {
            case nil: values.append(nil)
            case .value(let old): values.append(value(old, chain))
            case .parameter(let id, let role, let view):
                let shape = try view.shape(of: [source.builder.parameters[id.index].shape])
                values.append(parameter(ParameterKey(id: id, role: role, view: view), shape, chain))
            case .number(let number): values.append(result.builder.addConstant(Tensor([Float(number)], shape: [])))
            case .computed(let inner, let operands): values.append(try add(inner, operands, chain, from: origins))
            }
        }
        let results = try result.add(operation, values, at: chain, from: origins)
        guard let first = results.first else { throw .unreadable("\(operation.name) has no result") }
        return first
    }

    private mutating func value(_ old: ValueID, _ chain: RegionChain) -> ValueID {
        if let new = values[old] { return new }
        let value = source.builder.graph[old]
        switch value.origin {
        case .parameter(let id):
            let key = ParameterKey(id: id, role: nil, view: .stored(0))
            return parameter(key, source.builder.parameters[id.index].shape, chain)
        case .constant(let tensor):
            let new = result.builder.addConstant(tensor)
            values[old] = new
            return new
        case .input, .node: preconditionFailure("operands come before the node that takes them")
        }
    }

    /// The parameter in the layer that first uses it.
    private mutating func parameter(_ key: ParameterKey, _ shape: Shape, _ chain: RegionChain) -> ValueID {
        if let value = parameters[key] { return value }
        var parameter = source.builder.parameters[key.id.index]
        parameter.layer = chain.last?.layer ?? LayerID(0)
        let role = key.role ?? parameter.role
        let path = result.builder.graph[parameter.layer].path
        parameter.path = path.isEmpty ? parameter.path : "\(path)/\(role)"
        parameter.role = role
        parameter.view = key.view.of(parameter.view)
        parameter.shape = shape
        let value = result.builder.value(of: result.builder.addParameter(parameter))
        parameters[key] = value
        return value
    }
}
