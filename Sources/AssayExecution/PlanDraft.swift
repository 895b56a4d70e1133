// The making of a plan: what is needed, which shapes it has, and when each value dies.

import AssayGraph
import AssayOperators
import AssayTensors

/// A plan in the making.
struct PlanDraft {
    let graph: Graph
    let feeds: [ValueID: Shape]
    /// What is known of each value under the shapes that are fed.
    private var facts: [ValueID: Fact] = [:]

    init(graph: Graph, feeds: [ValueID: Shape]) {
        self.graph = graph
        self.feeds = feeds
    }

    /// The nodes that these values depend on, in topological order. The search ends at values that are known already.
    func nodes(neededFor wanted: [ValueID]) -> [NodeID] {
        var needed: Set<NodeID> = []
        var open = wanted
        while let value = open.popLast() {
            guard !isKnown(value), let node = graph[value].producer, needed.insert(node).inserted else { continue }
            open += graph[node].operands.compactMap { $0 }
        }
        return needed.sorted()
    }

    private func isKnown(_ value: ValueID) -> Bool { feeds[value] != nil || literal(value) != nil }

    /// The integers of a computed value that follow from the shapes alone.
    private func literal(_ value: ValueID) -> [Int]? {
        guard graph[value].producer != nil, let fact = facts[value], fact.type.isInteger, let shape = fact.knownShape,
            let integers = fact.integers?.compactMap(\.value), integers.count == shape.count
        else { return nil }
        return integers
    }

    // MARK: Shapes

    /// Infers the results of these nodes, in topological order.
    mutating func infer(_ nodes: [NodeID]) throws(AssayError) {
        for id in nodes {
            let node = graph[id]
            let operation = try runnable(id)
            var operands: [Fact?] = []
            for operand in node.operands { operands.append(operand.map { fact(of: $0) }) }
            let results: [Fact]
            do throws(AssayError) {
                results = try operation.infer(operands)
            } catch {
                throw error.located(object: place(of: id))
            }
            guard results.count == node.results.count else {
                throw .unreadable(
                    "\(operation.name) gives \(results.count) results", expected: "\(node.results.count)",
                    object: place(of: id))
            }
            for (value, fact) in zip(node.results, results) {
                guard let feed = feeds[value] else {
                    facts[value] = fact
                    continue
                }
                guard fact.shape.map({ $0 == feed.dimensions }) ?? true else {
                    throw .usage(
                        "a value is fed in another shape than it is computed in", expected: fact.shape?.text,
                        found: feed.description, object: place(of: id))
                }
            }
        }
    }

    /// What is known of a value before the run: of what is fed its shape, of stored values what the graph says.
    private func fact(of value: ValueID) -> Fact {
        if let shape = feeds[value] { return Fact(graph[value].fact.type, shape) }
        return facts[value] ?? graph[value].fact
    }

    /// The operator of a node.
    private func runnable(_ id: NodeID) throws(AssayError) -> any Operator {
        let operation = graph[id].operation
        if let operation = operation as? any Operator { return operation }
        guard let opaque = operation as? Opaque else {
            throw AssayError(.notRunnable, "\(operation.name) cannot be run", at: .init(object: place(of: id)))
        }
        throw AssayError(
            .notRunnable, "\(opaque.className) cannot be run: \(opaque.reason)", at: .init(object: place(of: id)))
    }

    private func place(of id: NodeID) -> String? {
        let path = graph[graph[id].layer].path
        return path.isEmpty ? nil : path
    }

    /// The shape of each of these values.
    func shapes(of values: Set<ValueID>) throws(AssayError) -> [ValueID: Shape] {
        var shapes: [ValueID: Shape] = [:]
        for value in values.sorted() {
            guard let shape = fact(of: value).knownShape else {
                throw AssayError(
                    .notRunnable, "the shape of a value depends on other values, which is not supported",
                    found: fact(of: value).shape?.text, at: .init(object: graph[value].producer.flatMap(place(of:))))
            }
            shapes[value] = shape
        }
        return shapes
    }

    // MARK: Steps

    /// Where each of these values comes from, unless a step computes it.
    func sources(of values: Set<ValueID>) throws(AssayError) -> [ValueID: Plan.Source] {
        var sources: [ValueID: Plan.Source] = [:]
        for value in values.sorted() {
            if feeds[value] != nil {
                sources[value] = .fed
                continue
            }
            switch graph[value].origin {
            case .input(let name): throw .usage("the input \(name) is not given")
            case .parameter(let parameter): sources[value] = .parameter(parameter)
            case .constant(let tensor): sources[value] = .constant(tensor)
            case .node: if let integers = literal(value) { sources[value] = .literal(integers) }
            }
        }
        return sources
    }

    /// The steps of these nodes. Result 0 is always computed; the others where somebody takes them.
    func steps(_ nodes: [NodeID], wanted: Set<ValueID>) throws(AssayError) -> [Plan.Step] {
        let taken = wanted.union(nodes.flatMap { graph[$0].operands.compactMap { $0 } })
        var steps: [Plan.Step] = []
        for id in nodes {
            let node = graph[id]
            let operation = try runnable(id)
            let results = node.results.enumerated().map { number, value in
                number == 0 || taken.contains(value) && feeds[value] == nil ? value : nil
            }
            steps.append(
                Plan.Step(
                    node: id, operation: operation, operands: node.operands, results: results,
                    isAlias: operation is any ReshapingOperator && isSameMemory(node)))
        }
        addLastUses(&steps)
        return steps
    }

    /// Whether result 0 can lie where operand 0 lies: as many elements, held alike.
    private func isSameMemory(_ node: Node) -> Bool {
        guard let operand = node.operands.first ?? nil, let result = node.results.first else { return false }
        let before = fact(of: operand)
        let after = fact(of: result)
        return feeds[result] == nil
            && StorageClass(graph[operand].fact.type) == StorageClass(graph[result].fact.type)
            && before.knownShape?.count == after.knownShape?.count
    }

    /// Says at each step which values nothing after it takes.
    private func addLastUses(_ steps: inout [Plan.Step]) {
        var last: [ValueID: Int] = [:]
        for (index, step) in steps.enumerated() {
            for value in (step.operands + step.results).compactMap({ $0 }) { last[value] = index }
        }
        for (value, index) in last.sorted(by: { $0.key < $1.key }) { steps[index].lastUses.append(value) }
    }
}
