// Kinds of difference that have a name: what an expert would say on seeing two layers that differ.

import AssayGraph
import AssayTensors

/// A kind of difference that is recognised from two layers' operators and weights. One file a kind, and one line in
/// `Registry.swift`.
protocol DifferenceKind: Sendable {
    /// The name in reports.
    static var name: String { get }

    /// What exactly is different, where the layers differ in this way; nil where they do not.
    static func detail(_ suspect: Suspect) -> String?
}

/// A layer of A that differs from its counterpart.
struct Suspect {
    /// The operators of the layer, in topological order.
    let operationsOfA: [any Operation]
    /// The operators of the counterpart.
    let operationsOfB: [any Operation]
    /// For the name of each operator of the layer, whether one of that name takes a mask.
    let masksOfA: [String: Bool]
    /// The same of the counterpart.
    let masksOfB: [String: Bool]
    /// The weights that differ.
    let weights: [ChangedWeight]

    /// Operators of one name, beside each other in their order.
    func pairs<Kind: Operation>(_: Kind.Type) -> [(a: Kind, b: Kind)] {
        Array(zip(operationsOfA.compactMap { $0 as? Kind }, operationsOfB.compactMap { $0 as? Kind }))
    }

    /// All operators beside those of the same name, in their order.
    var pairs: [(a: any Operation, b: any Operation)] {
        var open = operationsOfB
        return operationsOfA.compactMap { mine in
            guard let place = open.firstIndex(where: { $0.name == mine.name }) else { return nil }
            return (mine, open.remove(at: place))
        }
    }
}

/// A weight that differs, with the elements of both sides in A's order.
struct ChangedWeight {
    let path: String
    let shape: Shape
    let a: [Double]
    let b: [Double]
    /// The path in A of another weight that has the bits of B's.
    let namesake: String?

    /// The indices of the elements that differ.
    var changed: [Int] { a.indices.filter { a[$0] != b[$0] && !(a[$0].isNaN && b[$0].isNaN) } }

    /// The place of an element: `[4, 7]`.
    func place(_ index: Int) -> String {
        var rest = index
        var position: [Int] = []
        for extent in shape.extents.reversed() where extent > 0 {
            position.insert(rest % extent, at: 0)
            rest /= extent
        }
        return "[\(position.map(String.init).joined(separator: ", "))]"
    }
}
