// A graph built anew: without what nothing needs, and with some nodes replaced by others.

import AssayGraph
import AssayTensors

/// One node in place of several.
struct Replacement {
    /// An operand of the new node.
    enum Operand {
        /// A value of the old graph.
        case value(ValueID)
        /// A parameter of the old graph in another role, and under a view of it.
        case parameter(ParameterID, role: String, view: View = .stored(0))
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

    /// What makes a parameter of the new graph.
    private struct ParameterKey: Hashable {
        let id: ParameterID
        let role: String?
        let view: View
    }

    init(_ source: ElementaryGraph, replacing replacements: [NodeID: Replacement] = [:]) {
        self.source = source
        self.replacements = replacements
        let root = source.builder.graph.layers[0]
        result = ElementaryGraph(rootClassName: root.className, configuration: root.configuration)
        layers[LayerID(0)] = LayerID(0)
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
            let chain = source.chains[id.index].map { RegionCall(layer: layer($0.layer), call: $0.call) }
            if let replacement = replacements[id] {
                var operands: [ValueID?] = []
                for operand in replacement.operands {
                    operands.append(
                        try operand.map { (operand) throws(AssayError) in
                            try value(operand, chain)
                        })
                }
                let origins = replacement.covered.sorted().flatMap { source.origins[$0.index] }
                let results = try result.add(replacement.operation, operands, at: chain, from: origins)
                values[graph[id].results[0]] = results[0]
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
            for operand in replacement.operands {
                if case .value(let value)? = operand { open.append(value) }
            }
        }
        return needed
    }

    // MARK: Parts

    private mutating func layer(_ old: LayerID) -> LayerID {
        if let new = layers[old] { return new }
        let layer = source.builder.graph[old]
        let parent = self.layer(layer.parent ?? LayerID(0))
        let new = result.builder.addLayer(
            name: String(layer.name), className: layer.className, in: parent, configuration: layer.configuration)
        layers[old] = new
        return new
    }

    private mutating func value(_ operand: Replacement.Operand, _ chain: RegionChain) throws(AssayError) -> ValueID {
        switch operand {
        case .value(let old): return value(old, chain)
        case .parameter(let id, let role, let view):
            let shape = try view.shape(of: [source.builder.parameters[id.index].shape])
            return parameter(ParameterKey(id: id, role: role, view: view), shape, chain)
        }
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
        parameter.path = path.isEmpty ? (key.role ?? parameter.path) : "\(path)/\(role)"
        parameter.role = role
        parameter.view = key.view.of(parameter.view)
        parameter.shape = shape
        let value = result.builder.value(of: result.builder.addParameter(parameter))
        parameters[key] = value
        return value
    }
}
