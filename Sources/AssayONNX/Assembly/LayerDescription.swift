// What a layer of an ONNX graph is: its only operator, and the nodes of the file that became it.

import AssayGraph
import AssayTensors
import OrderedCollections

/// What is shown of a layer that only its nodes tell about.
struct LayerDescription {
    /// The operator of a layer with one node, `Module` for one with several.
    let className: String
    /// The operators and the nodes of the file that each stands for, so that what was raised can be traced back.
    let configuration: JSON?

    /// The descriptions of all layers with nodes or layers inside.
    static func all(in elementary: ElementaryGraph) -> [LayerID: LayerDescription] {
        let graph = elementary.builder.graph
        var own: [LayerID: [NodeID]] = [:]
        var counts: [LayerID: Int] = [:]
        for id in graph.nodeIDs {
            own[graph[id].layer, default: []].append(id)
            for call in elementary.chains[id.index] { counts[call.layer, default: 0] += 1 }
        }
        var descriptions: [LayerID: LayerDescription] = [:]
        for (layer, count) in counts {
            let nodes = own[layer] ?? []
            let entries = nodes.map { entry(graph[$0].operation.name, elementary.origins[$0.index]) }
            descriptions[layer] = LayerDescription(
                className: count == 1 && nodes.count == 1 ? graph[nodes[0]].operation.name : "Module",
                configuration: entries.isEmpty ? nil : .object(["operators": .array(entries)]))
        }
        return descriptions
    }

    /// An operator, and the nodes of the file that it stands for.
    static func entry(_ name: String, _ origins: [NodeOrigin]) -> JSON {
        let nodes = OrderedSet(origins).map { JSON.string("\($0.type) \($0.name)") }
        return .object(["operator": .string(name), "from": .array(nodes)])
    }
}
