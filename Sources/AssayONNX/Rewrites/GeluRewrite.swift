// Products of x with 1 + erf or 1 + tanh → the activation GELU.

import AssayGraph
import AssayOperators
import AssayTensors

/// x · Φ(x) in each spelling: 0.5 · x · (1 + erf(x / √2)), or with tanh(√(2/π) · (x + 0.044715 · x³)).
enum GeluRewrite: Rewrite {
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        guard let value = graph.graph[node].results.first,
            graph.binary(value, .multiply) != nil || graph.binary(value, .divide) != nil
        else { return nil }
        let product = graph.product(value)
        guard PatternGraph.agree(product.number, 0.5), product.factors.count == 2 else { return nil }
        for (x, gate) in [(product.factors[0], product.factors[1]), (product.factors[1], product.factors[0])] {
            guard let (sum, a, b) = graph.binary(gate, .add) else { continue }
            guard let inner = graph.isNumber(a, 1) ? b : graph.isNumber(b, 1) ? a : nil else { continue }
            let found = exact(inner, x, graph).map { ($0, false) } ?? approximate(inner, x, graph).map { ($0, true) }
            guard let (nodes, isApproximate) = found else { continue }
            return Replacement(
                operation: Activation(.gelu(approximate: isApproximate)), operands: [.value(x)],
                covered: product.nodes + [sum] + nodes)
        }
        return nil
    }

    /// The nodes of erf(x / √2).
    private static func exact(_ value: ValueID, _ x: ValueID, _ graph: PatternGraph) -> [NodeID]? {
        guard let (node, argument) = graph.unary(value, .erf) else { return nil }
        let product = graph.product(argument, depth: 1)
        guard product.factors == [x], PatternGraph.agree(product.number, 1 / 2.0.squareRoot()) else { return nil }
        return product.nodes + [node]
    }

    /// The nodes of tanh(√(2/π) · (x + 0.044715 · x³)).
    private static func approximate(_ value: ValueID, _ x: ValueID, _ graph: PatternGraph) -> [NodeID]? {
        guard let found: PatternGraph.Match<Activation> = graph.match(value), found.operation.function == .tanh,
            let argument = found[0]
        else { return nil }
        let product = graph.product(argument, depth: 1)
        guard PatternGraph.agree(product.number, (2 / Double.pi).squareRoot()), product.factors.count == 1,
            let (sum, a, b) = graph.binary(product.factors[0], .add)
        else { return nil }
        let covered = product.nodes + [found.node, sum]
        for (first, second) in [(a, b), (b, a)] where first == x {
            if let nodes = cubicTerm(second, x, graph) { return covered + nodes }
        }
        return nil
    }

    /// The nodes of 0.044715 · x³.
    private static func cubicTerm(_ value: ValueID, _ x: ValueID, _ graph: PatternGraph) -> [NodeID]? {
        let product = graph.product(value)
        guard PatternGraph.agree(product.number, 0.044715) else { return nil }
        if product.factors == [x, x, x] { return product.nodes }
        if product.factors.count == 1, let (nodes, base) = graph.cube(product.factors[0]), base == x {
            return product.nodes + nodes
        }
        if product.factors.count == 2, product.factors.contains(x),
            let other = product.factors.first(where: { $0 != x }), let (nodes, base) = graph.square(other), base == x
        {
            return product.nodes + nodes
        }
        return nil
    }
}
