// Rows of a table by number → Embedding.

import AssayGraph
import AssayOperators
import AssayTensors

/// Gather along the first axis of a parameter that is a table.
enum EmbeddingRewrite: Rewrite {
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        guard let found: PatternGraph.Match<Gather> = graph.match(node), found.operation.axis == 0,
            let table = graph.parameter(found[0], rank: 2), let ids = found[1],
            graph.parameters[table.index].type.isFloatingPoint
        else { return nil }
        // Negative numbers count from the end of an axis; a table's rows are never asked for that way.
        if let known = graph.graph[ids].fact.integers, known.contains(where: { $0.value ?? 0 < 0 }) { return nil }
        return Replacement(
            operation: Embedding(), operands: [.value(ids), .parameter(table, role: "embeddings")], covered: [node])
    }
}
