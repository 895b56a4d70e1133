// The graph as rewrites look at it: from a value back to what computes it.

import AssayGraph
import AssayOperators
import AssayTensors

/// A graph, and questions about the nodes that compute a value.
struct PatternGraph {
    /// The graph.
    let graph: Graph
    /// The parameters of the graph.
    let parameters: [Parameter]

    init(_ elementary: ElementaryGraph) {
        graph = elementary.builder.graph
        parameters = elementary.builder.parameters
    }

    /// A node of one kind of operator.
    struct Match<Operator: Operation> {
        /// The node.
        let node: NodeID
        /// The operator.
        let operation: Operator
        /// The operands.
        let operands: [ValueID?]

        /// An operand that the operator always has.
        subscript(index: Int) -> ValueID? { operands.indices.contains(index) ? operands[index] : nil }
    }

    /// The node, where it is of this kind.
    func match<Operator: Operation>(_ node: NodeID, _: Operator.Type = Operator.self) -> Match<Operator>? {
        guard let operation = graph[node].operation as? Operator else { return nil }
        return Match(node: node, operation: operation, operands: graph[node].operands)
    }

    /// The node that computes a value as its first result, where it is of this kind.
    func match<Operator: Operation>(_ value: ValueID?, _: Operator.Type = Operator.self) -> Match<Operator>? {
        guard let value, case .node(let node, result: 0) = graph[value].origin else { return nil }
        return match(node)
    }

    /// Both operands of arithmetic of this kind.
    func binary(_ value: ValueID?, _ function: BinaryFunction) -> (node: NodeID, a: ValueID, b: ValueID)? {
        guard let found: Match<Binary> = match(value), found.operation.function == function, let a = found[0],
            let b = found[1]
        else { return nil }
        return (found.node, a, b)
    }

    /// The operand of a function of one operand.
    func unary(_ value: ValueID?, _ function: UnaryFunction) -> (node: NodeID, x: ValueID)? {
        guard let found: Match<Unary> = match(value), found.operation.function == function, let x = found[0] else {
            return nil
        }
        return (found.node, x)
    }

    /// The number of a constant with one element.
    func number(_ value: ValueID?) -> Double? {
        guard let value, case .constant(let tensor) = graph[value].origin, tensor.shape.count == 1 else { return nil }
        return (try? tensor.doubles())?.first
    }

    /// Whether a value is a constant of this number, as exactly as a float can say it.
    func isNumber(_ value: ValueID?, _ expected: Double) -> Bool {
        number(value).map { Self.agree($0, expected) } ?? false
    }

    /// Whether two numbers are the same to the precision of floats.
    static func agree(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * max(abs(a), abs(b)) }

    /// The parameter that a value is.
    func parameter(_ value: ValueID?) -> ParameterID? {
        guard let value, case .parameter(let id) = graph[value].origin else { return nil }
        return id
    }

    /// The parameter that a value is, with this many axes.
    func parameter(_ value: ValueID?, rank: Int) -> ParameterID? {
        parameter(value).flatMap { parameters[$0.index].shape.rank == rank ? $0 : nil }
    }

    /// The number of axes of a value.
    func rank(_ value: ValueID) -> Int? { graph[value].fact.rank }

    /// The extents of a value.
    func shape(_ value: ValueID) -> [Dimension]? { graph[value].fact.shape }

    // MARK: Products

    /// A product taken apart: a number, and what it is multiplied with.
    struct Product {
        /// The product of all numbers.
        var number = 1.0
        /// The other factors.
        var factors: [ValueID] = []
        /// The nodes that multiply.
        var nodes: [NodeID] = []
    }

    /// The factors of a value: products of products, and quotients by a number, at most four deep.
    func product(_ value: ValueID, depth: Int = 4) -> Product {
        if let number = number(value) { return Product(number: number) }
        if depth > 0, let (node, a, b) = binary(value, .multiply) {
            let (left, right) = (product(a, depth: depth - 1), product(b, depth: depth - 1))
            return Product(
                number: left.number * right.number, factors: left.factors + right.factors,
                nodes: left.nodes + right.nodes + [node])
        }
        if depth > 0, let (node, a, b) = binary(value, .divide), let divisor = number(b), divisor != 0 {
            var result = product(a, depth: depth - 1)
            result.number /= divisor
            result.nodes.append(node)
            return result
        }
        return Product(factors: [value])
    }

    /// x where a value is x² in one of its spellings.
    func square(_ value: ValueID?) -> (nodes: [NodeID], x: ValueID)? {
        if let (node, x) = unary(value, .square) { return ([node], x) }
        if let (node, a, b) = binary(value, .power), isNumber(b, 2) { return ([node], a) }
        if let (node, a, b) = binary(value, .multiply), a == b { return ([node], a) }
        return nil
    }

    /// x where a value is x³ in one of its spellings.
    func cube(_ value: ValueID?) -> (nodes: [NodeID], x: ValueID)? {
        if let (node, a, b) = binary(value, .power), isNumber(b, 3) { return ([node], a) }
        guard let (node, a, b) = binary(value, .multiply) else { return nil }
        for (one, two) in [(a, b), (b, a)] {
            if let (nodes, x) = square(two), x == one { return (nodes + [node], x) }
        }
        return nil
    }

    /// x and ε where a value is 1 / √(x + ε) in one of its spellings.
    func inverseRoot(_ value: ValueID?) -> (nodes: [NodeID], x: ValueID, epsilon: Double)? {
        if let (node, sum) = unary(value, .rsqrt), let inner = shifted(sum) {
            return (inner.nodes + [node], inner.x, inner.epsilon)
        }
        if let (node, root) = unary(value, .reciprocal), let inner = self.root(root) {
            return (inner.nodes + [node], inner.x, inner.epsilon)
        }
        if let (node, one, root) = binary(value, .divide), isNumber(one, 1), let inner = self.root(root) {
            return (inner.nodes + [node], inner.x, inner.epsilon)
        }
        if let (node, sum, power) = binary(value, .power), isNumber(power, -0.5), let inner = shifted(sum) {
            return (inner.nodes + [node], inner.x, inner.epsilon)
        }
        return nil
    }

    /// x and ε where a value is √(x + ε) in one of its spellings.
    func root(_ value: ValueID?) -> (nodes: [NodeID], x: ValueID, epsilon: Double)? {
        if let (node, sum) = unary(value, .sqrt), let inner = shifted(sum) {
            return (inner.nodes + [node], inner.x, inner.epsilon)
        }
        if let (node, sum, power) = binary(value, .power), isNumber(power, 0.5), let inner = shifted(sum) {
            return (inner.nodes + [node], inner.x, inner.epsilon)
        }
        return nil
    }

    /// x and ε where a value is x + ε.
    private func shifted(_ value: ValueID) -> (nodes: [NodeID], x: ValueID, epsilon: Double)? {
        guard let (node, a, b) = binary(value, .add) else { return nil }
        if let epsilon = number(b) { return ([node], a, epsilon) }
        if let epsilon = number(a) { return ([node], b, epsilon) }
        return nil
    }

    /// x and the axes where a value is the mean of x over axes that stay as ones.
    func mean(_ value: ValueID?) -> (node: NodeID, x: ValueID, axes: [Int])? {
        guard let found: Match<Reduce> = match(value), found.operation.function == .mean,
            found.operation.keepDimensions, let x = found[0], let rank = rank(x)
        else { return nil }
        let axes = (found.operation.axes ?? Array(0..<rank)).map { $0 < 0 ? $0 + rank : $0 }.sorted()
        return (found.node, x, axes)
    }
}
