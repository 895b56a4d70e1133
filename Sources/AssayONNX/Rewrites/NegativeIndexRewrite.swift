// Indices that were made to count from the end where they are negative → plain ones.

import AssayGraph
import AssayOperators
import AssayTensors

/// Gather at x < 0 ? x + extent : x. Gather itself counts negative numbers from the end.
enum NegativeIndexRewrite: Rewrite {
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        guard let found: PatternGraph.Match<Gather> = graph.match(node), let table = found[0],
            let shape = graph.shape(table), let choice: PatternGraph.Match<Where> = graph.match(found[1]),
            let index = choice[2], let condition: PatternGraph.Match<Compare> = graph.match(choice[0]),
            condition.operation.function == .less, graph.isNumber(condition[1], 0),
            let (sum, a, b) = graph.binary(choice[1], .add), a == index || b == index
        else { return nil }
        // The comparison may be one of reals.
        let cast: PatternGraph.Match<Cast>? = graph.match(condition[0])
        let axis = found.operation.axis < 0 ? found.operation.axis + shape.count : found.operation.axis
        guard condition[0] == index || cast?[0] == index, shape.indices.contains(axis),
            let extent = shape[axis].value, graph.isNumber(a == index ? b : a, Double(extent))
        else { return nil }
        return Replacement(
            operation: found.operation, operands: [.value(table), .value(index)],
            covered: [condition.node, sum, choice.node, node])
    }
}
