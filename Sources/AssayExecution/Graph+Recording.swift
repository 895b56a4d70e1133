// Which values a run records for which layer, under the names of NPZ files, and what enters one call of a layer.

import AssayGraph
import AssayTensors

/// A recorded output of a layer's call.
public struct LayerOutput: Sendable, Hashable {
    /// `PATH` for the first call, `PATH:1` for the second, …; with `.0`, `.1`, … behind it for a call of several outputs.
    public let name: String
    /// The layer.
    public let layer: LayerID
    /// The number of the call.
    public let call: Int
    /// The number of the output in its call.
    public let index: Int
    /// The value.
    public let value: ValueID
}

extension Graph {
    /// The recorded outputs of all layers but the root, in the order of the layers, and the graph's records.
    public var layerOutputs: [LayerOutput] {
        let outputs = layerIDs.dropFirst().flatMap { layer in
            self[layer].calls.indices.flatMap { layerOutputs(of: layer, call: $0) }
        }
        let records = records.enumerated().map { index, port in
            LayerOutput(name: port.name, layer: root, call: 0, index: index, value: port.value)
        }
        return outputs + records
    }

    /// The recorded outputs of one call.
    public func layerOutputs(of layer: LayerID, call: Int) -> [LayerOutput] {
        let outputs = self[layer].calls[call].outputs
        let base = self[layer].path + (call == 0 ? "" : ":\(call)")
        return outputs.enumerated().map { index, value in
            LayerOutput(
                name: outputs.count == 1 ? base : "\(base).\(index)", layer: layer, call: call, index: index,
                value: value)
        }
    }

    /// The values that must be fed to compute a layer's call alone: what its nodes, and those of the layers inside, take
    /// from outside, parameters and constants not counted. They include what rides beside the declared inputs (masks).
    public func boundary(of layer: LayerID, call: Int) -> [ValueID] {
        let declared = Set(self[layer].calls[call].inputs)
        var boundary: Set<ValueID> = []
        var seen: Set<ValueID> = []
        var open = self[layer].calls[call].outputs
        while let value = open.popLast() {
            guard seen.insert(value).inserted else { continue }
            switch self[value].origin {
            case .input: boundary.insert(value)
            case .parameter, .constant: if declared.contains(value) { boundary.insert(value) }
            case .node(let node, _):
                if declared.contains(value) || !isInside(self[node].layer, layer) {
                    boundary.insert(value)
                } else {
                    open += self[node].operands.compactMap { $0 }
                }
            }
        }
        return boundary.sorted()
    }

    /// Whether each value can be computed: no opaque node stands before it.
    public var runnableValues: [Bool] {
        var runnable = [Bool](repeating: true, count: values.count)
        for node in nodes {
            let works =
                !(node.operation is Opaque) && node.operands.allSatisfy { $0.map { runnable[$0.index] } ?? true }
            guard !works else { continue }
            for result in node.results { runnable[result.index] = false }
        }
        return runnable
    }
}
