// Integers that are known before a model runs: what shape rules make of them, element by element.

import AssayGraph
import AssayTensors

/// What is known of the elements of results that shapes are computed with.
enum KnownIntegers {
    /// The most elements of a result that are kept one by one.
    static let maximumCount = 1024

    /// The result of a function of operands with at most one axis, of which some may have one element for all; nil where
    /// an operand or an element of the result is not known.
    static func combined(_ facts: [Fact], _ function: ([Dimension]) -> Dimension?) -> [Dimension]? {
        let lists = facts.compactMap { ($0.rank ?? 2) <= 1 ? $0.integers : nil }
        guard lists.count == facts.count else { return nil }
        let count = lists.contains { $0.isEmpty } ? 0 : lists.map(\.count).max() ?? 0
        guard lists.allSatisfy({ $0.count == count || $0.count == 1 }) else { return nil }
        var result: [Dimension] = []
        for index in 0..<count {
            guard let value = function(lists.map { $0[$0.count == 1 ? 0 : index] }) else { return nil }
            result.append(value)
        }
        return result
    }

    /// One integer everywhere in a value of this shape.
    static func repeated(_ value: Dimension, in shape: [Dimension]) -> [Dimension]? {
        let extents = shape.compactMap(\.value)
        guard extents.count == shape.count, extents.allSatisfy({ $0 <= maximumCount }), extents.count <= 2 else {
            return nil
        }
        let count = extents.reduce(1, *)
        return count <= maximumCount ? [Dimension](repeating: value, count: count) : nil
    }
}
