// What the values of an input mean, by the operators that they reach.

import AssayGraph
import AssayOperators
import AssayTensors

/// Follows inputs through the graph to the operators that give their values a meaning.
struct InputDomains {
    private let graph: Graph
    private let consumers: [ValueID: [NodeID]]

    /// A factor or term of this size hides a score: what it multiplies is a mask.
    private static let hiding = 1e4

    init(_ graph: Graph) {
        self.graph = graph
        consumers = graph.consumers
    }

    /// What values an input can take: the narrowest of what the operators ask that it reaches unchanged. Integers that
    /// reach nothing that bounds them are flags, as far as anyone can tell, and so are reals that hide scores.
    func domain(of input: ValueID) -> RandomInputs.Domain {
        let type = graph[input].fact.type
        guard type != .bool else { return .truth }
        var bound: Int?
        var padding: Int?
        var isFlag = type.isInteger
        var seen: Set<ValueID> = []
        var open = [input]
        while let value = open.popLast() {
            guard seen.insert(value).inserted else { continue }
            for id in consumers[value] ?? [] {
                let node = graph[id]
                if let limit = limit(node, value) {
                    bound = min(bound ?? limit, limit)
                } else if let number = comparedNumber(node) {
                    padding = number
                } else if hidesScores(id, value) {
                    isFlag = true
                } else if node.operation.exactness == .exact {
                    // It moves elements about, or takes them for another type.
                    open += node.results
                }
            }
        }
        if let bound { return .index(below: bound, padding: padding.flatMap { (0..<bound).contains($0) ? $0 : nil }) }
        return isFlag ? .truth : .real
    }

    /// How many different ids this node has an answer for, where the value is its ids.
    private func limit(_ node: Node, _ value: ValueID) -> Int? {
        switch node.operation {
        case is Embedding where node.operands[0] == value: extent(node.operands[1], axis: 0)
        case let gather as Gather where node.operands[1] == value && node.operands[0] != value:
            extent(node.operands[0], axis: gather.axis)
        case is GatherND where node.operands[1] == value && node.operands[0] != value: extent(node.operands[0], axis: 0)
        case let oneHot as OneHot where node.operands[0] == value: oneHot.depth
        default: nil
        }
    }

    private func extent(_ table: ValueID?, axis: Int) -> Int? {
        guard let shape = table.flatMap({ graph[$0].fact.shape }) else { return nil }
        let axis = axis < 0 ? axis + shape.count : axis
        return shape.indices.contains(axis) ? shape[axis].value : nil
    }

    /// The number with which a node compares ids for equality: the one that stands for no id at all.
    private func comparedNumber(_ node: Node) -> Int? {
        guard let compare = node.operation as? Compare, [.equal, .notEqual].contains(compare.function) else {
            return nil
        }
        return node.operands.compactMap { $0.flatMap(constant) }.first.flatMap { Int(exactly: $0) }
    }

    /// Whether a node makes a large negative number of the value where it is 0 or 1: `(1 − mask) · −10⁹`, or asks whether
    /// it is true.
    private func hidesScores(_ id: NodeID, _ value: ValueID) -> Bool {
        let node = graph[id]
        switch node.operation {
        case let binary as Binary where [.subtract, .multiply, .add].contains(binary.function):
            guard let number = node.operands.compactMap({ $0.flatMap(constant) }).first else { return false }
            if binary.function == .multiply { return number.magnitude >= InputDomains.hiding }
            guard number.magnitude == 1 else { return false }
            return node.results.contains { result in
                (consumers[result] ?? []).contains { hidesScores($0, result) }
            }
        case let cast as Cast where graph[value].fact.type.isFloatingPoint: return cast.type == .bool
        default: return false
        }
    }

    /// The number that a value of one element is, where it does not depend on the inputs.
    private func constant(_ value: ValueID) -> Double? {
        guard case .constant(let tensor) = graph[value].origin, tensor.shape.count == 1 else { return nil }
        return try? tensor.doubles().first
    }
}
