// What one layer is, in the words of the Keras summary.

import AssayGraph

/// One row of a model's summary.
public struct LayerSummary: Sendable {
    /// Names of the enclosing layers and its own, joined by `/`.
    public let path: String
    /// The class as its framework calls it.
    public let className: String
    /// How deep it lies: 0 directly in the model.
    public let depth: Int
    /// The shape of each output of its first call; nil where nothing is known.
    public let outputShapes: [String?]
    /// How often the model uses it.
    public let callCount: Int
    /// The elements of its own parameters and of those of the layers inside.
    public let parameterCount: Int
    /// Whether some of it cannot be run.
    public let isOpaque: Bool

    /// All layers of a model but the model itself, parents before the layers inside them.
    public static func all(of model: Model) -> [LayerSummary] {
        guard let graph = model.graph else { return [] }
        var counts = [Int](repeating: 0, count: graph.layers.count)
        var depths = [Int](repeating: -1, count: graph.layers.count)
        for (index, layer) in graph.layers.enumerated() {
            counts[index] = layer.parameters.reduce(0) { $0 + model[$1].shape.count }
            if let parent = layer.parent { depths[index] = depths[parent.index] + 1 }
        }
        for (index, layer) in graph.layers.enumerated().reversed() {
            if let parent = layer.parent { counts[parent.index] += counts[index] }
        }
        let opaque = Set(graph.opaqueNodes.map { graph[$0].layer })
        return graph.layerIDs.dropFirst().map { id in
            let layer = graph[id]
            return LayerSummary(
                path: graph.spelled(layer.path), className: layer.className, depth: depths[id.index],
                outputShapes: (layer.calls.first?.outputs ?? []).map { graph[$0].fact.shape?.text },
                callCount: layer.calls.count, parameterCount: counts[id.index], isOpaque: opaque.contains(id))
        }
    }

    /// The first shapes in one text: modules of ONNX files can have dozens of outputs.
    var outputText: String { outputShapes.map { $0 ?? "?" }.joined(atMost: 2) }
}
