// Products with a condition and its opposite, added → a choice.

import AssayGraph
import AssayOperators
import AssayTensors

/// c · a + (1 − c) · b of integers, c a condition: so tf2onnx writes a choice.
enum SelectionRewrite: Rewrite {
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        guard let value = graph.graph[node].results.first, graph.graph[value].fact.type.isInteger,
            let (_, first, second) = graph.binary(value, .add), let left = gated(first, graph),
            let right = gated(second, graph)
        else { return nil }
        for (one, other) in [(left, right), (right, left)] {
            guard let opposite: PatternGraph.Match<LogicalNot> = graph.match(other.condition),
                opposite[0] == one.condition
            else { continue }
            return Replacement(
                operation: Where(), operands: [.value(one.condition), .value(one.value), .value(other.value)],
                covered: one.nodes + other.nodes + [opposite.node, node])
        }
        return nil
    }

    /// A value times a condition as a number.
    private static func gated(
        _ value: ValueID, _ graph: PatternGraph
    ) -> (condition: ValueID, value: ValueID, nodes: [NodeID])? {
        guard let (node, a, b) = graph.binary(value, .multiply) else { return nil }
        for (gate, inner) in [(a, b), (b, a)] {
            guard let cast: PatternGraph.Match<Cast> = graph.match(gate), let condition = cast[0],
                graph.graph[condition].fact.type == .bool
            else { continue }
            return (condition, inner, [node, cast.node])
        }
        return nil
    }
}
