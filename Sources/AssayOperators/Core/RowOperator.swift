// Operators that work on rows of a value where they lie, and so can follow a product while its result is in the cache.

import AssayTensors

/// How much of a row one element of the result depends on. Rows go along the last axis.
public enum RowDependence: Sendable {
    /// The element at its own place.
    case element
    /// All elements of the row.
    case row
}

/// Replaces `count` elements of a value, from element `column` of row `row` on, by an operator's result there. They lie at
/// `values`.
public typealias RowFunction<Scalar> =
    @Sendable (_ row: Int, _ column: Int, _ values: UnsafeMutablePointer<Scalar>, _ count: Int) -> Void

/// An operator that can put its result where one of its operands lies, row by row or even element by element. Bit for bit it
/// is the result of `fast`.
public protocol RowOperator: Operator {
    /// What an element of the result depends on where operand `position` has the result's shape; nil where the operator
    /// does not work on rows, or not with operands of these shapes.
    func rowDependence(on position: Int, _ operands: [Shape?], result: Shape) -> RowDependence?

    /// The function that puts the result in the place of operand `position`. All operands are real.
    /// Mark it `@specialized`, as `fast`.
    func rowFunction<Scalar: FastScalar>(_ call: FastCall<Scalar>, replacing position: Int) -> RowFunction<Scalar>
}

/// What happens to the rows of a product, in their own memory and in order.
public struct RowChain<Scalar: FastScalar>: Sendable {
    private var functions: [RowFunction<Scalar>] = []
    /// How many of the functions, from the first on, need no whole rows.
    private var elementwiseCount = 0

    /// A chain that does nothing.
    public init() {}

    /// Adds a function to the end.
    public mutating func append(_ function: @escaping RowFunction<Scalar>, _ dependence: RowDependence) {
        if dependence == .element, elementwiseCount == functions.count { elementwiseCount += 1 }
        functions.append(function)
    }

    /// Whether some functions need whole rows.
    var needsWholeRows: Bool { elementwiseCount < functions.count }

    /// Applies the functions that need no whole rows to a part of a dense matrix.
    func applyElementwise(
        to matrix: UnsafeMutablePointer<Scalar>, width: Int, rows: Range<Int>, columns: Range<Int>
    ) {
        guard elementwiseCount > 0 else { return }
        for row in rows {
            for function in functions[..<elementwiseCount] {
                function(row, columns.lowerBound, matrix + row * width + columns.lowerBound, columns.count)
            }
        }
    }

    /// Applies the others, those from the first on that needs whole rows.
    func applyWhole(to matrix: UnsafeMutablePointer<Scalar>, width: Int, rows: Range<Int>) {
        for row in rows {
            for function in functions[elementwiseCount...] { function(row, 0, matrix + row * width, width) }
        }
    }
}
