// The equation of an Einsum, read for operands of known ranks.

import AssayGraph
import AssayTensors

/// Which axes of the operands are the same, are kept, or are summed over.
struct EinsumEquation: Sendable {
    /// One axis of the loop: a letter by its code, or the n-th axis from the end of an ellipsis as −n.
    typealias Label = Int

    /// The labels of each operand's axes.
    let operands: [[Label]]
    /// The labels of the result's axes.
    let result: [Label]
    /// The labels that are summed over, in order of appearance.
    let summed: [Label]

    /// Reads `equation` for operands of these ranks.
    ///
    /// - Throws: `AssayError.unreadable` when it cannot be read or does not fit.
    init(_ equation: String, ranks: [Int], in operation: Einsum) throws(AssayError) {
        let text = equation.utf8.filter { $0 != UInt8(ascii: " ") }
        var sides = [text]
        if let arrow = text.indices.first(where: { text[$0...].starts(with: "->".utf8) }) {
            sides = [Array(text[..<arrow]), Array(text[(arrow + 2)...])]
        }
        let terms = sides[0].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard terms.count == ranks.count else {
            throw operation.mismatch("wrong number of operands", expected: "\(terms.count)", found: "\(ranks.count)")
        }
        var labels: [[Label]] = []
        for (term, rank) in zip(terms, ranks) {
            labels.append(try EinsumEquation.labels(Array(term), rank: rank, in: operation))
        }
        let appearing = labels.flatMap { $0 }
        let widest = -(appearing.min() ?? 0)
        let ellipsis = (0..<max(widest, 0)).map { $0 - widest }
        if sides.count == 2 {
            let letters = sides[1].filter { $0 != UInt8(ascii: ".") }.count
            let hasEllipsis = sides[1].contains(UInt8(ascii: "."))
            result = try EinsumEquation.labels(
                sides[1], rank: letters + (hasEllipsis ? max(widest, 0) : 0), in: operation)
        } else {
            // Without a right side: the ellipsis, then the letters that appear once, in alphabetical order.
            result =
                ellipsis
                + appearing.filter { label in
                    label > 0 && appearing.count { $0 == label } == 1
                }.sorted()
        }
        guard Set(result).count == result.count, result.allSatisfy(appearing.contains) else {
            throw operation.mismatch("the right side has a letter twice, or one that is not on the left")
        }
        operands = labels
        var rest: [Label] = []
        for label in appearing where !result.contains(label) && !rest.contains(label) { rest.append(label) }
        summed = rest
    }

    /// The labels of one term: letters, and an ellipsis for as many axes as are left.
    private static func labels(
        _ term: [UInt8], rank: Int, in operation: Einsum
    ) throws(AssayError) -> [Label] {
        var labels: [Label] = []
        var index = 0
        var hasEllipsis = false
        while index < term.count {
            switch term[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                labels.append(Int(term[index]))
                index += 1
            case UInt8(ascii: ".") where term[index...].starts(with: "...".utf8) && !hasEllipsis:
                let width = rank - (term.count - 3)
                guard width >= 0, width <= Shape.maximumRank else {
                    throw operation.mismatch("an operand has too few axes", found: "\(rank)")
                }
                labels += (0..<width).map { $0 - width }
                hasEllipsis = true
                index += 3
            default: throw operation.mismatch("the equation cannot be read", found: operation.equation)
            }
        }
        guard labels.count == rank else {
            throw operation.mismatch(
                "an operand has the wrong number of axes", expected: "\(labels.count)", found: "\(rank)")
        }
        return labels
    }

    /// The extent of each label, by NumPy's rule: ones stretch.
    func extents(_ shapes: [[Int]]) -> [Label: Int] {
        var extents: [Label: Int] = [:]
        for (labels, shape) in zip(operands, shapes) {
            for (label, extent) in zip(labels, shape) where extents[label] ?? 1 == 1 { extents[label] = extent }
        }
        return extents
    }

    /// How far operand number `index`, dense and of `shape`, moves along each of `axes`.
    func strides(_ index: Int, _ shape: [Int], along axes: [Label]) -> [Int] {
        let dense = Shape(shape).strides
        return axes.map { label in
            operands[index].indices.reduce(0) { sum, axis in
                operands[index][axis] == label && shape[axis] != 1 ? sum + dense[axis] : sum
            }
        }
    }
}
