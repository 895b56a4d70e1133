// Products, softmax and products over heads → Attention.

import AssayGraph
import AssayOperators
import AssayTensors

/// softmax(scale · Q · Kᵀ + bias) · V over heads, with Q, K and V moved from `[batch, steps, heads, width]` before and the
/// result moved back behind. Heads are an axis, or folded into the batch.
enum AttentionRewrite: Rewrite {
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        guard let back: PatternGraph.Match<Transpose> = graph.match(node), back.operation.order == [0, 2, 1, 3],
            let gathered = product(back[0], graph), let value = heads(gathered[1], graph),
            let softmax: PatternGraph.Match<Softmax> = graph.match(gathered[0]), softmax[1] == nil,
            let scores = softmax[0], isLast(softmax.operation.axes, graph.rank(scores)),
            let found = AttentionScores(heads(scores, graph) ?? scores, graph)
        else { return nil }
        return Replacement(
            operation: Attention(scale: found.scale),
            operands: [stepsFirst(found.query, graph), found.key, stepsFirst(value, graph), found.mask, found.bias],
            covered: found.nodes + [softmax.node, gathered.node, node])
    }

    private static func isLast(_ axes: [Int], _ rank: Int?) -> Bool {
        axes == [-1] || rank.map { axes == [$0 - 1] } ?? false
    }

    /// The product that a value of four axes is, also where its first two axes were one before.
    static func product(_ value: ValueID?, _ graph: PatternGraph) -> PatternGraph.Match<MatMul>? {
        var found: PatternGraph.Match<MatMul>? = graph.match(value)
        if found == nil, let value, let split: PatternGraph.Match<Reshape> = graph.match(value), let source = split[0],
            isFolded(source, of: value, graph)
        {
            found = graph.match(source)
        }
        return found.flatMap { $0.operation.transposeA || $0.operation.transposeB ? nil : $0 }
    }

    /// The value of four axes that a value is, also where its first two axes have become one.
    static func heads(_ value: ValueID?, _ graph: PatternGraph) -> ValueID? {
        guard let value else { return nil }
        if graph.rank(value) == 4 { return value }
        guard let folded: PatternGraph.Match<Reshape> = graph.match(value), let source = folded[0],
            isFolded(value, of: source, graph)
        else { return nil }
        return source
    }

    /// Whether `folded` has three axes and `whole` four, the last two alike.
    private static func isFolded(_ folded: ValueID, of whole: ValueID, _ graph: PatternGraph) -> Bool {
        guard let three = graph.shape(folded), let four = graph.shape(whole), three.count == 3, four.count == 4 else {
            return false
        }
        return three[1...] == four[2...]
    }

    /// `[batch, heads, steps, width]` with the steps first.
    static func stepsFirst(_ value: ValueID, _ graph: PatternGraph) -> Replacement.Operand {
        if let found: PatternGraph.Match<Transpose> = graph.match(value), found.operation.order == [0, 2, 1, 3],
            let source = found[0]
        {
            return .value(source)
        }
        return .computed(Transpose(order: [0, 2, 1, 3]), [.value(value)])
    }

    /// The keys of a product, steps first, where they stand in it as `[…, width, steps]`.
    static func keys(_ value: ValueID, _ graph: PatternGraph) -> Replacement.Operand? {
        let found: PatternGraph.Match<Transpose>? = graph.match(value)
        if graph.rank(value) == 3 {
            guard let found, found.operation.order == [0, 2, 1], let source = heads(found[0], graph) else { return nil }
            return stepsFirst(source, graph)
        }
        guard graph.rank(value) == 4 else { return nil }
        if let found, let source = found[0] {
            if found.operation.order == [0, 2, 3, 1] { return .value(source) }
            if found.operation.order == [0, 1, 3, 2] { return stepsFirst(source, graph) }
        }
        return .computed(Transpose(order: [0, 3, 1, 2]), [.value(value)])
    }
}

/// What goes into the softmax of an attention, taken apart: scores are hidden by adding a bias, or by a choice of a very
/// small number.
struct AttentionScores {
    /// `[batch, heads, steps, width]`.
    private(set) var query: ValueID
    /// Steps first.
    private(set) var key: Replacement.Operand
    /// The factor of the products.
    private(set) var scale: Double
    /// What hides scores by choice.
    private(set) var mask: Replacement.Operand?
    /// What is added to scores.
    private(set) var bias: Replacement.Operand?
    /// The nodes that make the scores.
    private(set) var nodes: [NodeID] = []

    /// A score of at most this has no weight beside others.
    private static let hiddenScore = -1e4

    init?(_ scores: ValueID, _ graph: PatternGraph) {
        if let (node, a, b) = graph.binary(scores, .add) {
            for (inner, added) in [(a, b), (b, a)] where graph.parameter(added) == nil {
                let hidden = AttentionScores.hidden(inner, graph, beside: added)
                guard let found = hidden ?? AttentionScores.product(inner, graph) else { continue }
                self = found
                bias = found.bias ?? .value(added)
                nodes.append(node)
                return
            }
            return nil
        }
        let hidden = AttentionScores.hidden(scores, graph, beside: nil)
        guard let found = hidden ?? AttentionScores.product(scores, graph) else { return nil }
        self = found
    }

    private init(query: ValueID, key: Replacement.Operand, scale: Double, nodes: [NodeID]) {
        (self.query, self.key, self.scale, self.nodes) = (query, key, scale, nodes)
    }

    /// scale · Q · Kᵀ, the scale anywhere among the factors.
    private static func product(_ value: ValueID, _ graph: PatternGraph) -> AttentionScores? {
        let scaled = graph.product(value, depth: 2)
        guard scaled.factors.count == 1, let found = AttentionRewrite.product(scaled.factors[0], graph),
            let a = found[0], let b = found[1]
        else { return nil }
        let (left, right) = (graph.product(a, depth: 1), graph.product(b, depth: 1))
        guard left.factors.count == 1, right.factors.count == 1,
            let query = AttentionRewrite.heads(left.factors[0], graph),
            let key = AttentionRewrite.keys(right.factors[0], graph)
        else { return nil }
        return AttentionScores(
            query: query, key: key, scale: scaled.number * left.number * right.number,
            nodes: scaled.nodes + left.nodes + right.nodes + [found.node])
    }

    /// Scores where a condition is true, else a very small number. Beside a bias the condition is a part of it: what is
    /// hidden by both is smaller than what is hidden by one.
    private static func hidden(
        _ value: ValueID, _ graph: PatternGraph, beside bias: ValueID?
    ) -> AttentionScores? {
        guard let choice: PatternGraph.Match<Where> = graph.match(value), let condition = choice[0],
            let inner = choice[1], let number = graph.number(choice[2]), number <= hiddenScore,
            graph.graph[condition].fact.type == .bool, var found = product(inner, graph)
        else { return nil }
        found.nodes.append(choice.node)
        if let bias {
            let part = Replacement.Operand.computed(Where(), [.value(condition), .number(0), .number(number)])
            found.bias = .computed(Binary(.add), [part, .value(bias)])
        } else {
            found.mask = .value(condition)
        }
        return found
    }
}
