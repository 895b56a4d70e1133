// Scores to which a condition adds a huge negative number → a choice.

import AssayGraph
import AssayOperators
import AssayTensors

/// x + (1 − c) · n, c a condition and n at most −10⁹: so Keras hides scores from softmax.
///
/// No score is large enough to leave a trace in such a sum of floats, so where c is false the sum is n and nothing else. Said
/// as a choice it is that in Double too.
enum HiddenScoreRewrite: Rewrite {
    /// Half a unit in its last place, as a float, is 32.
    private static let absorbing = -1e9

    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        guard let value = graph.graph[node].results.first, let (_, a, b) = graph.binary(value, .add) else { return nil }
        for (scores, added) in [(a, b), (b, a)] {
            guard !isHiding(scores, graph), let hidden = hidden(added, graph) else { continue }
            return Replacement(
                operation: Where(), operands: [hidden.condition, .value(scores), .number(hidden.number)],
                covered: hidden.nodes + [node])
        }
        return nil
    }

    /// Whether scores have been hidden before: two such numbers hide more than one.
    private static func isHiding(_ scores: ValueID, _ graph: PatternGraph) -> Bool {
        if let choice: PatternGraph.Match<Where> = graph.match(scores) {
            return [choice[1], choice[2]].contains { graph.number($0).map { $0 <= absorbing } ?? false }
        }
        guard let (_, a, b) = graph.binary(scores, .add) else { return false }
        return hidden(a, graph) != nil || hidden(b, graph) != nil
    }

    private struct Hidden {
        var condition: Replacement.Operand
        let number: Double
        var nodes: [NodeID]
    }

    /// (1 − c) · n, its axes moved or not.
    private static func hidden(_ value: ValueID, _ graph: PatternGraph) -> Hidden? {
        if let moved: PatternGraph.Match<Transpose> = graph.match(value), let source = moved[0],
            var found = hidden(source, graph)
        {
            found.condition = .computed(moved.operation, [found.condition])
            found.nodes.append(moved.node)
            return found
        }
        let product = graph.product(value)
        guard product.factors.count == 1, product.number <= absorbing,
            let (difference, one, opposite) = graph.binary(product.factors[0], .subtract), graph.isNumber(one, 1),
            let cast: PatternGraph.Match<Cast> = graph.match(opposite), let condition = cast[0],
            graph.graph[condition].fact.type == .bool
        else { return nil }
        return Hidden(
            condition: .value(condition), number: product.number, nodes: product.nodes + [difference, cast.node])
    }
}
