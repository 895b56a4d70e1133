// Inputs for a model when nobody has any: random, the same for the same seed, and within what the model accepts.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Makes random inputs. Reals are normal with mean 0 and deviation 1; integers that look up rows of a table are its row
/// numbers, others 0 to 9; booleans are either.
public struct RandomInputs: Sendable {
    private let graph: Graph
    private let shapes: [Shape]
    private let bounds: [Int]

    /// What inputs of `model` look like.
    ///
    /// - Parameter batch: the extent of a first axis that the model leaves open; other open axes are 16 long.
    /// - Throws: `AssayError.notRunnable` without a graph, `AssayError.usage` for an input of unknown rank.
    public init(_ model: Model, batch: Int = 2) throws(AssayError) {
        graph = try model.requireGraph()
        let consumers = graph.consumers
        var shapes: [Shape] = []
        var bounds: [Int] = []
        for port in graph.inputs {
            guard let shape = graph[port.value].fact.shape else {
                throw .usage("the shape of input \(port.name) is not known, so it cannot be made up")
            }
            let extents = shape.enumerated().map { axis, extent in extent.value ?? (axis == 0 ? batch : 16) }
            shapes.append(try Shape(checking: extents))
            bounds.append(RandomInputs.tableRows(behind: port.value, graph, consumers) ?? 10)
        }
        self.shapes = shapes
        self.bounds = bounds
    }

    /// The inputs for a seed, by name.
    ///
    /// - Throws: `AssayError.unreadable` for a type that cannot be made.
    public func inputs(seed: UInt64) throws(AssayError) -> OrderedDictionary<String, Tensor> {
        var random = RandomGenerator(seed: seed)
        var tensors: OrderedDictionary<String, Tensor> = [:]
        for (index, port) in graph.inputs.enumerated() {
            let type = graph[port.value].fact.type
            tensors[port.name] = try tensor(type, shapes[index], below: bounds[index], &random)
        }
        return tensors
    }

    private func tensor(
        _ type: ElementType, _ shape: Shape, below bound: Int, _ random: inout RandomGenerator
    ) throws(AssayError) -> Tensor {
        if type == .bool {
            return Tensor((0..<shape.count).map { _ in random.integer(below: 2) == 1 }, shape: shape)
        }
        if type.isInteger {
            let values = (0..<shape.count).map { _ in Int64(random.integer(below: bound)) }
            return try Tensor(values, shape: shape).converted(to: type)
        }
        return try Tensor((0..<shape.count).map { _ in random.normal() }, shape: shape).converted(to: type)
    }

    /// The rows of the smallest table that a value, possibly moved about or cast, looks things up in.
    private static func tableRows(
        behind value: ValueID, _ graph: Graph, _ consumers: [ValueID: [NodeID]]
    ) -> Int? {
        var rows: Int?
        var seen: Set<ValueID> = []
        var open = [value]
        while let value = open.popLast() {
            guard seen.insert(value).inserted else { continue }
            for node in consumers[value, default: []].map({ graph[$0] }) {
                if let count = tableRows(of: node, lookedUpBy: value, graph) {
                    rows = min(rows ?? count, count)
                } else if node.operation.exactness == .exact {
                    open += node.results
                }
            }
        }
        return rows
    }

    private static func tableRows(of node: Node, lookedUpBy value: ValueID, _ graph: Graph) -> Int? {
        func extent(_ operand: Int, _ axis: Int) -> Int? {
            guard node.operands.indices.contains(operand), let table = node.operands[operand],
                let shape = graph[table].fact.shape, !shape.isEmpty
            else { return nil }
            let place = axis < 0 ? axis + shape.count : axis
            return shape.indices.contains(place) ? shape[place].value.flatMap { $0 > 0 ? $0 : nil } : nil
        }
        switch node.operation {
        case is Embedding where node.operands[0] == value: return extent(1, 0)
        case let gather as Gather where node.operands[1] == value: return extent(0, gather.axis)
        default: return nil
        }
    }
}
