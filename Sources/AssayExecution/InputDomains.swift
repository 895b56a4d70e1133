// What the values of an input mean, by the operators that they reach.

import AssayGraph
import AssayOperators
import AssayTensors

/// Follows inputs through the graph to the operators that give their values a meaning.
struct InputDomains {
    private let graph: Graph
    private let consumers: [ValueID: [NodeID]]

    init(_ graph: Graph) {
        self.graph = graph
        consumers = graph.consumers
    }

    /// What values an input can take: the narrowest of what the operators ask that it reaches unchanged. Integers that
    /// reach nothing that bounds them are flags, as far as anyone can tell.
    func domain(of input: ValueID) -> RandomInputs.Domain {
        let type = graph[input].fact.type
        guard type != .bool else { return .truth }
        var bound: Int?
        var seen: Set<ValueID> = []
        var open = [input]
        while let value = open.popLast() {
            guard seen.insert(value).inserted else { continue }
            for id in consumers[value] ?? [] {
                let node = graph[id]
                if let limit = limit(node, value) {
                    bound = min(bound ?? limit, limit)
                } else if node.operation.exactness == .exact {
                    // It moves elements about, or takes them for another type.
                    open += node.results
                }
            }
        }
        if let bound { return .index(below: bound) }
        return type.isInteger ? .truth : .real
    }

    /// How many different ids this node has an answer for, where the value is its ids.
    private func limit(_ node: Node, _ value: ValueID) -> Int? {
        switch node.operation {
        case is Embedding where node.operands[0] == value:
            node.operands[1].flatMap { graph[$0].fact.shape?.first?.value }
        case let gather as Gather where node.operands[1] == value && node.operands[0] != value:
            node.operands[0].flatMap { table in
                graph[table].fact.shape.flatMap { shape in
                    let axis = gather.axis < 0 ? gather.axis + shape.count : gather.axis
                    return shape.indices.contains(axis) ? shape[axis].value : nil
                }
            }
        default: nil
        }
    }
}
