// The comparison of files that hold weights alone: tensor by tensor, by name.

import AssayGraph
import AssayTensors

/// Compares two models of which one has no graph: parameters by their paths, else stored tensors by their names.
struct WeightVerifier {
    let a: Model
    let b: Model

    /// The report: equal where both have the same tensors bit for bit.
    func verify() throws(AssayError) -> EquivalenceReport {
        var weights: [WeightComparison] = []
        for (name, tensor) in a.tensors { weights.append(try compare(name, tensor)) }
        let unmatched = b.tensors.keys.elements.filter { a.tensors[$0] == nil }
        let first = weights.first { !$0.isBitEqual }
        let isEqual = first == nil && unmatched.isEmpty
        return EquivalenceReport(
            verdict: isEqual ? .equal : .different, firstLayer: first.map { String($0.path) },
            summary: isEqual
                ? "the same tensors, bit for bit"
                : "one of the files has no graph, so tensors were compared by name",
            layers: [], weights: weights, unmatched: unmatched)
    }

    private func compare(_ name: String, _ tensor: Tensor) throws(AssayError) -> WeightComparison {
        guard let other = b.tensors[name] else {
            return WeightComparison(
                path: name, counterpart: nil, shape: tensor.shape, isBitEqual: false,
                differingElements: tensor.shape.count, difference: nil)
        }
        if try tensor.isBitEqual(to: other, isLastUse: true) {
            return WeightComparison(
                path: name, counterpart: name, shape: tensor.shape, isBitEqual: true, differingElements: 0,
                difference: Difference())
        }
        guard tensor.shape == other.shape else {
            return WeightComparison(
                path: name, counterpart: name, shape: tensor.shape, isBitEqual: false,
                differingElements: tensor.shape.count, difference: nil)
        }
        let mine = try tensor.doubles()
        let theirs = try other.doubles()
        return WeightComparison(
            path: name, counterpart: name, shape: tensor.shape, isBitEqual: false,
            differingElements: zip(mine, theirs).count { $0 != $1 }, difference: Difference(mine, theirs))
    }
}
