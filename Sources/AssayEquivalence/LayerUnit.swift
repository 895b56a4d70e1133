// The pieces in which two models are compared: one use of one innermost layer.

import AssayGraph

/// One call of a layer that holds no other layers: the smallest piece that people have a name for.
struct LayerUnit: Sendable {
    /// The layer.
    let layer: LayerID
    /// Which of its calls.
    let call: Int
    /// The recorded name: the path, with `:n` for the n-th further call.
    let name: String
    /// The nodes of the call, in topological order.
    let nodes: [NodeID]
    /// The values that its nodes take from outside: no parameters, no constants.
    let inputs: [ValueID]
    /// The values that leave it: its recorded outputs, without those that only pass through.
    let outputs: [ValueID]
    /// The parameters that its nodes take, in the order of their use.
    let parameters: [ParameterID]
}

extension Graph {
    /// The units of the graph, in topological order of their last node.
    ///
    /// Nodes that lie in no recorded call of an innermost layer (glue between layers) form units of their own layer too,
    /// so that every node belongs to exactly one unit.
    func units() -> [LayerUnit] {
        struct Key: Hashable {
            let layer: LayerID
            let call: Int
        }
        var order: [Key] = []
        var nodesByKey: [Key: [NodeID]] = [:]
        for id in nodeIDs {
            let key = Key(layer: self[id].layer, call: self[id].call)
            if nodesByKey[key] == nil { order.append(key) }
            nodesByKey[key, default: []].append(id)
        }
        let consumers = consumers
        let modelOutputs = Set(outputs.map(\.value))
        return order.map { key in
            unit(layer: key.layer, call: key.call, nodesByKey[key] ?? [], consumers, modelOutputs)
        }.sorted { ($0.nodes.last ?? NodeID(0)) < ($1.nodes.last ?? NodeID(0)) }
    }

    private func unit(
        layer: LayerID, call: Int, _ nodes: [NodeID], _ consumers: [ValueID: [NodeID]], _ modelOutputs: Set<ValueID>
    ) -> LayerUnit {
        let inside = Set(nodes)
        var inputs: [ValueID] = []
        var parameters: [ParameterID] = []
        for operand in nodes.flatMap({ self[$0].operands }).compactMap({ $0 }) {
            switch self[operand].origin {
            case .parameter(let parameter): if !parameters.contains(parameter) { parameters.append(parameter) }
            case .constant: break
            case .input: if !inputs.contains(operand) { inputs.append(operand) }
            case .node(let producer, _):
                if !inside.contains(producer), !inputs.contains(operand) { inputs.append(operand) }
            }
        }
        let produced = nodes.flatMap { self[$0].results }
        let recorded = self[layer].calls.indices.contains(call) ? self[layer].calls[call].outputs : []
        // What others take leaves the unit too, though the framework does not call it an output (a mask).
        let leaving = produced.filter { value in
            modelOutputs.contains(value) || (consumers[value] ?? []).contains { !inside.contains($0) }
        }
        let outputs = recorded.filter(produced.contains) + leaving.filter { !recorded.contains($0) }
        let path = self[layer].path.isEmpty ? "(model)" : self[layer].path
        return LayerUnit(
            layer: layer, call: call, name: call == 0 ? path : "\(path):\(call)", nodes: nodes, inputs: inputs,
            outputs: outputs, parameters: parameters)
    }
}
