// x over the root of its mean square, times weights → RMSNormalization.

import AssayGraph
import AssayOperators
import AssayTensors

/// scale · x / √(mean x² + ε) in each spelling.
enum RMSNormalizationRewrite: Rewrite {
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        guard let value = graph.graph[node].results.first, let (_, a, b) = graph.binary(value, .multiply) else {
            return nil
        }
        for (scale, inner) in [(a, b), (b, a)] {
            guard let weights = graph.parameter(scale, rank: 1), let norm = normalized(inner, graph),
                let rank = graph.rank(norm.x), norm.axes == [rank - 1]
            else { continue }
            return Replacement(
                operation: RMSNormalization(axes: norm.axes, epsilon: norm.epsilon),
                operands: [.value(norm.x), .parameter(weights, role: "scale")], covered: norm.nodes + [node])
        }
        return nil
    }

    /// x where a value is x / √(mean x² + ε).
    private static func normalized(
        _ value: ValueID, _ graph: PatternGraph
    ) -> (nodes: [NodeID], x: ValueID, axes: [Int], epsilon: Double)? {
        var candidates: [(node: NodeID, x: ValueID, nodes: [NodeID], inside: ValueID, epsilon: Double)] = []
        if let (node, a, b) = graph.binary(value, .multiply) {
            for (x, factor) in [(a, b), (b, a)] {
                if let root = graph.inverseRoot(factor) {
                    candidates.append((node, x, root.nodes, root.x, root.epsilon))
                }
            }
        } else if let (node, x, divisor) = graph.binary(value, .divide), let root = graph.root(divisor) {
            candidates.append((node, x, root.nodes, root.x, root.epsilon))
        }
        for candidate in candidates {
            guard let mean = graph.mean(candidate.inside), let square = graph.square(mean.x), square.x == candidate.x
            else { continue }
            return (
                candidate.nodes + square.nodes + [mean.node, candidate.node], candidate.x, mean.axes, candidate.epsilon
            )
        }
        return nil
    }
}
