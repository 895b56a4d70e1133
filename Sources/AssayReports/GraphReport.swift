// `assay inspect --graph`: every operator with what goes in and what comes out.

import AssayGraph
import AssayTensors

/// The graph, node by node.
public struct GraphReport: Report, Sendable {
    private let graph: Graph
    private let parameters: [Parameter]
    /// The graph's JSON form.
    public let json: JSON

    /// The graph of a model.
    ///
    /// - Throws: `AssayError.notRunnable` for a file that holds weights alone.
    public init(_ model: Model) throws(AssayError) {
        graph = try model.requireGraph()
        parameters = model.parameters
        json = try model.graphJSON() ?? .null
    }

    /// A line for each node, under a heading for each layer.
    public func text(on terminal: Terminal) -> String {
        var text = graph.inputs.map { "\(label($0.value)) = input \($0.name.escaped)  \(fact($0.value))\n" }.joined()
        var place: (LayerID, Int)?
        for node in graph.nodes {
            if place.map({ $0 != (node.layer, node.call) }) ?? true {
                let layer = graph[node.layer]
                let call = layer.calls.count > 1 ? ", call \(node.call)" : ""
                text += terminal.paint("\n\(layer.path.escaped)", .bold) + "  \(layer.className.escaped)\(call)\n"
                place = (node.layer, node.call)
            }
            let operands = node.operands.map { $0.map(label) ?? "–" }.joined(separator: ", ")
            let results = node.results.map(label).joined(separator: ", ")
            let facts = node.results.map(fact).joined(separator: ", ")
            text += "  \(results) = \(node.operation.name)(\(operands))  \(facts)\n"
        }
        return text + "\n" + graph.outputs.map { "output \($0.name.escaped) = \(label($0.value))\n" }.joined()
    }

    private func label(_ value: ValueID) -> String {
        switch graph[value].origin {
        case .input, .node: "%\(value.index)"
        case .parameter(let id): parameters[id.index].path.escaped
        case .constant(let tensor): "constant \(tensor.shape)"
        }
    }

    private func fact(_ value: ValueID) -> String {
        let fact = graph[value].fact
        return "\(fact.type.displayName) \(fact.shape?.text.escaped ?? "?")"
    }
}
