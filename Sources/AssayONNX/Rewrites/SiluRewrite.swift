// x times its own logistic function → the activation SiLU.

import AssayGraph
import AssayOperators
import AssayTensors

/// x · σ(x).
enum SiluRewrite: Rewrite {
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        guard let value = graph.graph[node].results.first, let (_, a, b) = graph.binary(value, .multiply) else {
            return nil
        }
        for (x, gate) in [(a, b), (b, a)] {
            guard let found: PatternGraph.Match<Activation> = graph.match(gate), found.operation.function == .sigmoid,
                found[0] == x
            else { continue }
            return Replacement(operation: Activation(.silu), operands: [.value(x)], covered: [found.node, node])
        }
        return nil
    }
}
