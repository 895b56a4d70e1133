// What the shape rules of many operators have in common: axes, broadcasting, element types that meet.

import AssayGraph
import AssayTensors

extension Operation {
    /// The axis that `axis` means, counted from the end where it is negative.
    ///
    /// - Throws: `AssayError.unreadable` when there is no such axis.
    func resolve(axis: Int, rank: Int) throws(AssayError) -> Int {
        guard axis >= -rank, axis < rank else {
            throw mismatch("no axis \(axis)", expected: "one of \(rank) axes")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// The axes that `axes` mean, in their order.
    ///
    /// - Throws: `AssayError.unreadable` when there is no such axis, or one is named twice.
    func resolve(axes: [Int], rank: Int) throws(AssayError) -> [Int] {
        var resolved: [Int] = []
        for axis in axes {
            let axis = try resolve(axis: axis, rank: rank)
            guard !resolved.contains(axis) else { throw mismatch("axis \(axis) is named twice") }
            resolved.append(axis)
        }
        return resolved
    }

    /// The shape that `shapes` broadcast to, by the rule of NumPy: aligned at the last axis, ones stretch.
    ///
    /// A number wins over a symbol, since the symbol can then be nothing but that number or one.
    ///
    /// - Throws: `AssayError.unreadable` when two extents differ and none is one.
    func broadcast(_ shapes: [[Dimension]]) throws(AssayError) -> [Dimension] {
        let rank = shapes.map(\.count).max() ?? 0
        var result = [Dimension](repeating: 1, count: rank)
        for shape in shapes {
            let missing = rank - shape.count
            for (axis, extent) in shape.enumerated() {
                let current = result[missing + axis]
                if extent == current || extent == 1 { continue }
                if current == 1 || (current.value == nil && extent.value != nil) {
                    result[missing + axis] = extent
                } else if current.value != nil && extent.value != nil {
                    throw mismatch("shapes do not broadcast", found: shapes.map(\.text).joined(separator: " and "))
                }
            }
        }
        return result
    }

    /// The shape that operands broadcast to; nil where one's shape is not known.
    ///
    /// - Throws: `AssayError.unreadable` when they do not fit.
    func broadcast(_ facts: [Fact]) throws(AssayError) -> [Dimension]? {
        let shapes = facts.compactMap(\.shape)
        return shapes.count == facts.count ? try broadcast(shapes) : nil
    }

    /// Makes sure that `fact` can be broadcast to `shape` without changing it.
    ///
    /// - Throws: `AssayError.unreadable` when it cannot.
    func requireBroadcast(_ fact: Fact?, to shape: [Dimension]?, role: String) throws(AssayError) {
        guard let given = fact?.shape, let shape else { return }
        guard given.count <= shape.count else {
            throw mismatch("wrong \(role)", expected: "what broadcasts to \(shape.text)", found: given.text)
        }
        for (extent, target) in zip(given.reversed(), shape.reversed()) {
            guard extent == 1 || extent.isCompatible(with: target) else {
                throw mismatch("wrong \(role)", expected: "what broadcasts to \(shape.text)", found: given.text)
            }
        }
    }

    /// Makes sure that `fact`, where it is there, has exactly the extents `shape`.
    ///
    /// - Throws: `AssayError.unreadable` when it has not.
    func requireShape(_ fact: Fact?, _ shape: [Dimension], role: String) throws(AssayError) {
        guard let given = fact?.shape else { return }
        guard given.count == shape.count, zip(given, shape).allSatisfy({ $0.isCompatible(with: $1) }) else {
            throw mismatch("wrong \(role)", expected: shape.text, found: given.text)
        }
    }
}

extension Operation {
    /// The facts of the two operands of an elementwise operator.
    ///
    /// - Throws: `AssayError.unreadable` when one is left out.
    func pair(_ operands: [Fact?]) throws(AssayError) -> (Fact, Fact) {
        (try require(operands, 0, "the first operand"), try require(operands, 1, "the second operand"))
    }

    /// The fact of a result that has the input's shape and is floating-point whatever the input is.
    func real(like input: Fact) -> Fact { Fact(input.type.isFloatingPoint ? input.type : .f32, input.shape) }

    /// The fact of such a result, once the input is known to have `axes`.
    ///
    /// - Throws: `AssayError.unreadable` when it has not.
    func inferAlong(_ axes: [Int], _ operands: [Fact?]) throws(AssayError) -> Fact {
        let x = try require(operands, 0, "the input")
        if let rank = x.rank { _ = try resolve(axes: axes, rank: rank) }
        return real(like: x)
    }

    /// The same for weights over the axes, by the operands behind the input.
    ///
    /// - Throws: `AssayError.unreadable` when a weight has another shape than the axes.
    func inferNormalization(_ axes: [Int], weights: [String], _ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let result = try inferAlong(axes, operands)
        guard let shape = result.shape else { return [result] }
        let extents = try resolve(axes: axes, rank: shape.count).sorted().map { shape[$0] }
        for (index, role) in weights.enumerated() {
            try requireWeight(operands[optional: index + 1], extents, role: role)
        }
        return [result]
    }

    /// Makes sure that a weight, where it is there, is floating-point and has exactly the extents `shape`.
    ///
    /// - Throws: `AssayError.unreadable` when it is not, or has not.
    func requireWeight(_ fact: Fact?, _ shape: [Dimension], role: String) throws(AssayError) {
        guard let fact else { return }
        guard fact.type.isFloatingPoint else {
            throw mismatch("wrong type of \(role)", expected: "floating point", found: fact.type.displayName)
        }
        try requireShape(fact, shape, role: role)
    }
}

extension Array where Element == Fact? {
    /// The operand at `index`, nil where it is left out or there are not so many.
    subscript(optional index: Int) -> Fact? { indices.contains(index) ? self[index] : nil }
}

extension Int {
    /// The product, or the greatest integer where it does not fit: costs of shapes that no memory holds.
    func saturating(times other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    /// The axis that this number means among `rank`, counted from the end where it is negative. The shape rule has
    /// made sure of it.
    func axis(of rank: Int) -> Int { self < 0 ? self + rank : self }
}

extension ElementType {
    /// The type of a result computed from both: floating-point before integer before boolean, then the wider one.
    /// float16 and bfloat16 meet in float32.
    static func promoted(_ left: ElementType, _ right: ElementType) -> ElementType {
        if left == right { return left }
        let (first, second) = (StorageClass(left), StorageClass(right))
        guard first == second else { return first.order > second.order ? left : right }
        if left.byteCount != right.byteCount { return left.byteCount > right.byteCount ? left : right }
        if first == .integer { return left.isSigned ? left : right }
        return .f32
    }

    /// Whether it is an integer type with negative values.
    var isSigned: Bool {
        switch self {
        case .i64, .i32, .i16, .i8: true
        default: false
        }
    }
}

extension StorageClass {
    /// The place in the order of promotion.
    fileprivate var order: Int {
        switch self {
        case .boolean: 0
        case .integer: 1
        case .real: 2
        }
    }
}
