// Which recorded output is which of the model's.

import AssayGraph
import AssayTensors
import OrderedCollections

/// The rules by which the entries `out/…` of a file become the outputs of a model, as `InputBinding` has them for inputs: by
/// name, by number, or all in order where no name says anything and shapes fit. Exporters rename outputs (`Identity_3:0`,
/// `encoder_1`), and keep their order.
public enum OutputBinding {
    /// The recorded name of each of the graph's outputs, nil for one that is not recorded.
    ///
    /// - Parameter recorded: the recorded outputs by name, `out/` taken off, in the order of the file.
    public static func names(_ recorded: OrderedDictionary<String, Shape>, for graph: Graph) -> [String?] {
        let names = graph.outputs.enumerated().map { index, port in
            [port.name, String(index)].first { recorded[$0] != nil }
        }
        guard names.allSatisfy({ $0 == nil }), names.count == recorded.count else { return names }
        let isFitting = zip(graph.outputs, recorded.values).allSatisfy { port, shape in
            graph[port.value].fact.admits(shape.dimensions)
        }
        return isFitting ? Array(recorded.keys) : names
    }
}

extension OrderedDictionary<String, Tensor> {
    /// The entries `out/NAME` of a file of recorded values, by NAME.
    public var recordedOutputs: OrderedDictionary<String, Tensor> {
        var outputs: OrderedDictionary<String, Tensor> = [:]
        for (name, tensor) in self where name.hasPrefix("out/") { outputs[String(name.dropFirst(4))] = tensor }
        return outputs
    }
}
