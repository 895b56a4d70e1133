// The parameters of two layers beside each other.

import AssayGraph
import AssayTensors

/// A parameter of A and its counterpart in B.
struct WeightPair: Sendable {
    let a: ParameterID
    let b: ParameterID?
    let comparison: WeightComparison
    /// The Euclidean distance between the two; the norm of A's where B has no counterpart of this shape.
    let distance: Double
    /// Which elements differ; nil where B has no counterpart of this shape, or nothing differs.
    var changedElements: [Bool]?
    /// Whether any element differs in its value.
    var isChanged: Bool { distance > 0 || b == nil || (comparison.difference?.nonFiniteMismatches ?? 1) > 0 }
}

/// Pairs the parameters of units.
struct WeightPairing {
    let a: Side
    let b: Side

    /// The parameters of a unit of A beside those of a unit of B: by their roles, else by their order.
    func pairs(_ unit: LayerUnit, _ other: LayerUnit?) throws(AssayError) -> [WeightPair] {
        var open = other?.parameters ?? []
        var pairs: [WeightPair] = []
        for (index, parameter) in unit.parameters.enumerated() {
            let role = a.model[parameter].role
            let found =
                open.first { b.model[$0].role == role }
                ?? (unit.parameters.count == other?.parameters.count
                    && open.contains(other?.parameters[index] ?? parameter)
                    ? other?.parameters[index] : nil)
            if let found { open.removeAll { $0 == found } }
            pairs.append(try compare(parameter, found))
        }
        return pairs
    }

    private func compare(_ parameter: ParameterID, _ other: ParameterID?) throws(AssayError) -> WeightPair {
        let mine = try a.model.value(of: parameter)
        let path = a.model[parameter].path
        guard let other else {
            return WeightPair(
                a: parameter, b: nil,
                comparison: WeightComparison(
                    path: path, counterpart: nil, shape: mine.shape, isBitEqual: false,
                    differingElements: mine.shape.count, difference: nil),
                distance: try norm(mine))
        }
        let theirs = try b.model.value(of: other)
        let counterpart = b.model[other].path
        if try mine.isBitEqual(to: theirs) {
            return WeightPair(
                a: parameter, b: other,
                comparison: WeightComparison(
                    path: path, counterpart: counterpart, shape: mine.shape, isBitEqual: true, differingElements: 0,
                    difference: Difference()),
                distance: 0)
        }
        guard mine.shape == theirs.shape else {
            return WeightPair(
                a: parameter, b: other,
                comparison: WeightComparison(
                    path: path, counterpart: counterpart, shape: mine.shape, isBitEqual: false,
                    differingElements: mine.shape.count, difference: nil),
                distance: try norm(mine))
        }
        let left = try mine.doubles()
        let right = try theirs.doubles()
        let difference = Difference(left, right)
        let changed = zip(left, right).map { $0 != $1 && !($0.isNaN && $1.isNaN) }
        return WeightPair(
            a: parameter, b: other,
            comparison: WeightComparison(
                path: path, counterpart: counterpart, shape: mine.shape, isBitEqual: false,
                differingElements: changed.count { $0 }, difference: difference),
            distance: difference.rootMeanSquare * Double(max(left.count, 1)).squareRoot(), changedElements: changed)
    }

    private func norm(_ tensor: Tensor) throws(AssayError) -> Double {
        try tensor.doubles().reduce(0) { $1.isFinite ? $0 + $1 * $1 : $0 }.squareRoot()
    }
}
