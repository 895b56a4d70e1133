// What holds for every sound graph; checked after each pass in debug and test builds.

extension Graph {
    /// Checks that every number points at something, nodes stand in topological order, and layers form a tree.
    ///
    /// Costs nothing in release builds without testing.
    public func checkInvariants() {
        #if DEBUG
            precondition(!layers.isEmpty && layers[0].parent == nil && layers[0].path.isEmpty, "the root comes first")
            for (index, layer) in layers.enumerated().dropFirst() {
                precondition(layer.parent.map { $0.index < index } ?? false, "parents come before their children")
            }
            var known = [Bool](repeating: false, count: values.count)
            for (index, value) in values.enumerated() where value.producer == nil { known[index] = true }
            for (index, node) in nodes.enumerated() {
                for operand in node.operands.compactMap({ $0 }) {
                    precondition(known[operand.index], "operands come before the node that takes them")
                }
                for (number, result) in node.results.enumerated() {
                    guard case .node(let producer, let resultNumber) = self[result].origin else {
                        preconditionFailure("a result knows its node")
                    }
                    precondition(producer.index == index && resultNumber == number, "a result knows its node")
                    known[result.index] = true
                }
                precondition(layers[node.layer.index].calls.indices.contains(node.call), "a node belongs to a call")
            }
            precondition((inputs + outputs + records).allSatisfy { known[$0.value.index] }, "ports are computed")
        #endif
    }
}
