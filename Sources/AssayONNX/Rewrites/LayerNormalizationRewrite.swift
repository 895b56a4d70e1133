// x less its mean, over its deviation, times weights, plus weights → LayerNormalization.

import AssayGraph
import AssayOperators
import AssayTensors

/// γ · (x − mean) / √(variance + ε) + β, as PyTorch writes it, or as x · s + (β − mean · s) with s = γ / √(variance + ε),
/// as TensorFlow does.
enum LayerNormalizationRewrite: Rewrite {
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        guard let value = graph.graph[node].results.first, let (_, a, b) = graph.binary(value, .add) else { return nil }
        for (first, second) in [(a, b), (b, a)] {
            if let found = centred(first, beta: second, graph) ?? scaled(first, rest: second, graph) {
                return found.replacement(last: node, graph)
            }
        }
        return nil
    }

    /// What was found.
    private struct Found {
        let x: ValueID
        let axes: [Int]
        let epsilon: Double
        let gamma: ValueID
        let beta: ValueID
        let nodes: [NodeID]

        /// The operator, where weights are parameters of the last axis.
        func replacement(last: NodeID, _ graph: PatternGraph) -> Replacement? {
            guard let rank = graph.rank(x), axes == [rank - 1], let gamma = weights(gamma, "gamma", graph),
                let beta = weights(beta, "beta", graph)
            else { return nil }
            return Replacement(
                operation: LayerNormalization(axes: axes, epsilon: epsilon), operands: [.value(x), gamma, beta],
                covered: nodes + [last])
        }

        /// A parameter of one axis, or one with axes of one element in front.
        private func weights(_ value: ValueID, _ role: String, _ graph: PatternGraph) -> Replacement.Operand? {
            guard let id = graph.parameter(value), let extents = graph.parameters[id.index].shape.extents as [Int]?,
                let last = extents.last, extents.dropLast().allSatisfy({ $0 == 1 })
            else { return nil }
            if extents.count == 1 { return .parameter(id, role: role) }
            return .parameter(id, role: role, view: .reshaped(.stored(0), [last]))
        }
    }

    /// γ · (x − mean) / √(variance + ε), in any order of its factors.
    private static func centred(_ value: ValueID, beta: ValueID, _ graph: PatternGraph) -> Found? {
        guard graph.parameter(beta) != nil else { return nil }
        var nodes: [NodeID] = []
        var gammas: [ValueID] = []
        var difference: ValueID?
        var deviation: (nodes: [NodeID], x: ValueID, epsilon: Double)?
        // The factors may be multiplied in any order, and the root may be divided by.
        var open = [value]
        while let factor = open.popLast() {
            if let (node, a, b) = graph.binary(factor, .multiply), graph.square(factor) == nil {
                nodes.append(node)
                open += [a, b]
            } else if let root = graph.inverseRoot(factor), deviation == nil {
                deviation = root
            } else if let (node, a, b) = graph.binary(factor, .divide), let root = graph.root(b), deviation == nil {
                nodes.append(node)
                deviation = root
                open.append(a)
            } else if graph.parameter(factor) != nil {
                gammas.append(factor)
            } else if difference == nil {
                difference = factor
            } else {
                return nil
            }
            if nodes.count > 4 { return nil }
        }
        guard let deviation, let difference, gammas.count == 1, let gamma = gammas.first,
            let (subtraction, x, middle) = graph.binary(difference, .subtract), let mean = graph.mean(middle),
            mean.x == x,
            let variance = variance(deviation.x, of: x, graph), variance.axes == mean.axes
        else { return nil }
        return Found(
            x: x, axes: mean.axes, epsilon: deviation.epsilon, gamma: gamma, beta: beta,
            nodes: nodes + deviation.nodes + variance.nodes + [subtraction, mean.node])
    }

    /// x · s, beside β − mean · s.
    private static func scaled(_ value: ValueID, rest: ValueID, _ graph: PatternGraph) -> Found? {
        guard let (node, a, b) = graph.binary(value, .multiply) else { return nil }
        for (x, scale) in [(a, b), (b, a)] {
            guard let (product, first, second) = graph.binary(scale, .multiply) else { continue }
            for (root, gamma) in [(first, second), (second, first)] {
                guard let deviation = graph.inverseRoot(root), graph.parameter(gamma) != nil,
                    let offset = offset(rest, scale: scale, graph), let mean = graph.mean(offset.mean), mean.x == x,
                    let variance = variance(deviation.x, of: x, graph), variance.axes == mean.axes
                else { continue }
                return Found(
                    x: x, axes: mean.axes, epsilon: deviation.epsilon, gamma: gamma, beta: offset.beta,
                    nodes: [node, product, mean.node] + deviation.nodes + variance.nodes + offset.nodes)
            }
        }
        return nil
    }

    /// β and the mean where a value is β − mean · s.
    private static func offset(
        _ value: ValueID, scale: ValueID, _ graph: PatternGraph
    ) -> (nodes: [NodeID], beta: ValueID, mean: ValueID)? {
        if let (node, beta, product) = graph.binary(value, .subtract),
            let (inner, a, b) = graph.binary(product, .multiply), a == scale || b == scale
        {
            return ([node, inner], beta, a == scale ? b : a)
        }
        guard let (node, a, b) = graph.binary(value, .add) else { return nil }
        for (beta, product) in [(a, b), (b, a)] {
            guard let (inner, first, second) = graph.binary(product, .multiply), first == scale || second == scale,
                let (negation, mean) = graph.unary(first == scale ? second : first, .negate)
            else { continue }
            return ([node, inner, negation], beta, mean)
        }
        return nil
    }

    /// The axes where a value is the mean of (x − mean x)².
    private static func variance(
        _ value: ValueID, of x: ValueID, _ graph: PatternGraph
    ) -> (nodes: [NodeID], axes: [Int])? {
        if let found: PatternGraph.Match<Reduce> = graph.match(value), found.operation.function == .variance,
            found.operation.keepDimensions, found[0] == x, let rank = graph.rank(x)
        {
            let axes = (found.operation.axes ?? Array(0..<rank)).map { $0 < 0 ? $0 + rank : $0 }.sorted()
            return ([found.node], axes)
        }
        guard let outer = graph.mean(value), let square = graph.square(outer.x),
            let (subtraction, minuend, middle) = graph.binary(square.x, .subtract), minuend == x,
            let mean = graph.mean(middle), mean.x == x, mean.axes == outer.axes
        else { return nil }
        return ([outer.node, subtraction, mean.node] + square.nodes, outer.axes)
    }
}
