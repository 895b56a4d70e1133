// Extents of a new shape, some of them by the shape of the operand.

import AssayGraph
import AssayTensors

/// One extent of a shape that an operator makes.
public enum ReshapeExtent: Sendable, Hashable, Codable {
    /// A number.
    case fixed(Int)
    /// The extent of the operand's axis.
    case copied(axis: Int)
    /// What is left, so that the number of elements stays; at most one of them.
    case inferred
    /// The product of the extents of several of the operand's axes.
    case product(of: Range<Int>)
}

extension Operation {
    /// The extents that `target` means for an operand of `shape`.
    ///
    /// - Throws: `AssayError.unreadable` for an axis that is not there, a negative extent, or elements that do not fit.
    func resolve(_ target: [ReshapeExtent], of shape: [Dimension], keepsCount: Bool) throws(AssayError) -> [Dimension] {
        var result: [Dimension] = []
        // The factors of all extents, so that those of a product cancel one by one.
        var factors: [Dimension] = []
        var open: Int?
        for (index, extent) in target.enumerated() {
            switch extent {
            case .fixed(let value):
                guard value >= 0 else { throw mismatch("negative extent", found: "\(value)") }
                result.append(.known(value))
                factors.append(.known(value))
            case .copied(let axis):
                result.append(shape[try resolve(axis: axis, rank: shape.count)])
                factors.append(result[index])
            case .product(let axes):
                guard axes.lowerBound >= 0, axes.upperBound <= shape.count else {
                    throw mismatch("no axes \(axes)", expected: "axes of \(shape.text)")
                }
                result.append(shape[axes].reduce(.known(1), *))
                factors += shape[axes]
            case .inferred:
                guard open == nil, keepsCount else { throw mismatch("an extent cannot be inferred") }
                open = index
                result.append(.known(1))
            }
        }
        guard keepsCount else { return result }
        if let open { result[open] = try quotient(shape, factors) }
        let (before, after) = (shape.compactMap(\.value), result.compactMap(\.value))
        if before.count == shape.count, after.count == result.count,
            try Shape(checking: before).count != Shape(checking: after).count
        {
            throw mismatch("the number of elements changes", found: "\(shape.text) to \(result.text)")
        }
        return result
    }

    /// The extent that makes `part` times it as many elements as `whole`, where symbols on both sides cancel.
    private func quotient(_ whole: [Dimension], _ part: [Dimension]) throws(AssayError) -> Dimension {
        var (above, below) = (whole.flatMap(\.factors), part.flatMap(\.factors))
        for symbol in below where symbol.value == nil {
            guard let first = above.firstIndex(of: symbol), let second = below.firstIndex(of: symbol) else { continue }
            above.remove(at: first)
            below.remove(at: second)
        }
        let numerator = try Shape(checking: above.compactMap(\.value)).count
        let denominator = try Shape(checking: below.compactMap(\.value)).count
        let symbols = (above.filter { $0.value == nil }, below.filter { $0.value == nil })
        if symbols.0.isEmpty, symbols.1.isEmpty {
            if denominator == 0 { return 0 }
            guard numerator % denominator == 0 else {
                throw mismatch("the number of elements changes", found: "\(whole.text) into \(part.text)")
            }
            return .known(numerator / denominator)
        }
        let total = symbols.0.reduce(Dimension.known(1), *)
        if symbols.1.isEmpty, denominator > 0, numerator % denominator == 0 {
            return total * .known(numerator / denominator)
        }
        return total * .known(numerator) / symbols.1.reduce(.known(denominator), *)
    }

    /// The extents that integers mean as a target shape: −1 is inferred, 0 copies the axis of the same number.
    func extents(_ integers: [Dimension], of shape: [Dimension]) throws(AssayError) -> [Dimension] {
        var target: [ReshapeExtent] = []
        for (index, integer) in integers.enumerated() {
            switch integer.value {
            case -1: target.append(.inferred)
            case 0 where index < shape.count: target.append(.copied(axis: index))
            case let value?: target.append(.fixed(value))
            case nil: target.append(.fixed(1))
            }
        }
        guard integers.contains(where: { $0.value == nil }) else {
            return try resolve(target, of: shape, keepsCount: true)
        }
        // With symbols among them, put those in place first, then look for what is left.
        var result = try resolve(target.map { $0 == .inferred ? .fixed(1) : $0 }, of: shape, keepsCount: false)
        for (index, integer) in integers.enumerated() where integer.value == nil { result[index] = integer }
        if let open = target.firstIndex(of: .inferred) { result[open] = try quotient(shape, result) }
        return result
    }
}
