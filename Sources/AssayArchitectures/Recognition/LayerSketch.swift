// What recognition looks at: the layers with parameters, in the order of computation, and nothing else of a model.

import AssayGraph
import AssayTensors
import OrderedCollections

/// A layer as recognition sees it.
public struct LayerSketch: Sendable {
    /// The path.
    public var path: String
    /// The class.
    public var className: String
    /// The stored shape of each parameter by its role.
    public var parameters: OrderedDictionary<String, Shape>
    /// The configuration.
    public var configuration: JSON

    /// The layers of a model that own parameters, or are of a class that a specification names, in the order of their
    /// first use.
    public static func sketches(of model: Model) -> [LayerSketch] {
        guard let graph = model.graph else { return [] }
        var firstUse: [LayerID: Int] = [:]
        for (index, node) in graph.nodes.enumerated() {
            // A node inside a layer inside a layer uses them all.
            var layer: LayerID? = node.layer
            while let here = layer {
                if firstUse[here] == nil { firstUse[here] = index }
                layer = graph[here].parent
            }
        }
        let used = graph.layerIDs.dropFirst().filter { firstUse[$0] != nil }
        return used.sorted { (firstUse[$0] ?? 0, $0) < (firstUse[$1] ?? 0, $1) }.map { id in
            let layer = graph[id]
            var parameters: OrderedDictionary<String, Shape> = [:]
            for parameter in layer.parameters.map({ model[$0] }) {
                let stored = parameter.sources.first.flatMap { model.tensors[$0]?.shape }
                parameters[parameter.role] = stored ?? parameter.shape
            }
            return LayerSketch(
                path: layer.path, className: layer.className, parameters: parameters,
                configuration: layer.configuration ?? .null)
        }
    }
}
