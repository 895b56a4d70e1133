// BandPart: the band around the diagonal of matrices.

import AssayGraph
import AssayTensors

/// y = the elements of each matrix within a band around the diagonal, zero elsewhere (TensorFlow's `band_part`).
///
/// Operand: x `[…, rows, columns]`. Result: its shape.
public struct BandPart: Operator {
    /// The name in the JSON form.
    public static let name = "BandPart"
    /// The formula.
    public static let formula =
        "y[…, i, j] = (lower < 0 ∨ i − j ≤ lower) ∧ (upper < 0 ∨ j − i ≤ upper) ? x[…, i, j] : 0"
    /// How many diagonals below the main one are kept; all where negative.
    public var lower: Int
    /// How many diagonals above the main one are kept; all where negative.
    public var upper: Int

    /// A band around the diagonal.
    public init(lower: Int, upper: Int) {
        self.lower = lower
        self.upper = upper
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] { try inferMatrices(operands) }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let band = try given(operands, 0).keeping { row, column in
            (lower < 0 || row - column <= lower) && (upper < 0 || column - row <= upper)
        }
        return [band]
    }

    /// Zeros, then one copy a row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        call.keepColumns { row, columns in
            let first = lower < 0 ? 0 : min(columns, max(0, row - min(lower, row)))
            let end = upper < 0 ? columns : min(columns, row + min(upper, columns) + 1)
            return first..<max(first, end)
        }
    }
}
