// Triangle: one side of a diagonal of matrices.

import AssayGraph
import AssayTensors

/// y = the elements of each matrix on a diagonal and on one side of it, zero elsewhere (NumPy's `triu` and `tril`).
///
/// Operand: x `[…, rows, columns]`. Result: its shape.
public struct Triangle: Operator {
    /// The name in the JSON form.
    public static let name = "Triangle"
    /// The formula.
    public static let formula = "y[…, i, j] = j − i ≥ diagonal (upper) or j − i ≤ diagonal (lower) ? x[…, i, j] : 0"
    /// Whether the side above the diagonal is kept.
    public var upper: Bool
    /// The diagonal: 0 the main one, positive ones above it.
    public var diagonal: Int

    /// One side of a diagonal.
    public init(upper: Bool, diagonal: Int = 0) {
        self.upper = upper
        self.diagonal = diagonal
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        guard diagonal.magnitude < 1 << 53 else { throw mismatch("wrong diagonal", found: "\(diagonal)") }
        return try inferMatrices(operands)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let side = try given(operands, 0).keeping { row, column in
            upper ? column - row >= diagonal : column - row <= diagonal
        }
        return [side]
    }

    /// Zeros, then one copy a row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        call.keepColumns { row, columns in
            let border = row + diagonal
            return upper ? min(columns, max(0, border))..<columns : 0..<min(columns, max(0, border + 1))
        }
    }
}
