// Layers from the names of nodes: exporters put the path of the module in front (`/encoder/layer.0/attention/MatMul`).

import AssayGraph

/// The place of a node: the layers around it, from the root on, and which call of each it belongs to.
typealias RegionChain = [RegionCall]

/// One call of a layer.
struct RegionCall: Hashable {
    let layer: LayerID
    let call: Int
}

/// Makes layers as nodes name them.
struct RegionTree {
    private var layers: [String: LayerID] = [:]
    /// Whether names are PyTorch's: a dot in them parts modules too, since it numbers those of a list (`layer.0`).
    private let isPyTorch: Bool
    /// The name in front of all others, which says nothing: under it a wrapper that was made for the export holds the model.
    private var trunk: String?

    /// No layers yet.
    ///
    /// - Parameter names: those of the model's nodes.
    init(isPyTorch: Bool, names: some Sequence<String> = []) {
        self.isPyTorch = isPyTorch
        guard isPyTorch else { return }
        let named = names.map(scopes).filter { !$0.isEmpty }
        guard let first = named.first?.first, named.allSatisfy({ $0[0] == first }),
            Set(named.compactMap { $0.dropFirst().first }).count > 1
        else { return }
        trunk = first
    }

    /// The names of the regions that a node's name says, the node's own part left out.
    func scopes(of name: String) -> [String] {
        var parts = name.split(separator: "/").dropLast().map(String.init)
        if isPyTorch { parts = parts.flatMap { $0.split(separator: ".").map(String.init) } }
        parts.removeAll { RegionTree.meaningless.contains($0) }
        if let trunk, parts.first == trunk { parts.removeFirst() }
        return parts
    }

    /// Names that TensorFlow puts in between for functions of its own.
    private static let meaningless: Set = ["StatefulPartitionedCall", "PartitionedCall"]

    /// The chain of a node in the region of `base`, whose calls inside regions that are new there have this number.
    mutating func chain(
        _ scopes: [String], in base: RegionChain, call: Int, _ builder: inout GraphBuilder
    ) -> RegionChain {
        var chain = [RegionCall(layer: LayerID(0), call: 0)]
        var path = ""
        for name in scopes {
            path += path.isEmpty ? name : "/\(name)"
            let layer =
                layers[path] ?? builder.addLayer(name: name, className: "Module", in: chain[chain.count - 1].layer)
            layers[path] = layer
            let outer = base.first { $0.layer == layer }
            chain.append(outer ?? RegionCall(layer: layer, call: call))
        }
        return chain
    }
}
