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
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        if let shape = x.shape, shape.count < 2 {
            throw mismatch("wrong input", expected: "two axes or more", found: shape.text)
        }
        return [Fact(x.type, x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let rank = x.shape.count
        return [
            ReferenceTensor(x.type, x.shape) { position in
                let (row, column) = (position[rank - 2], position[rank - 1])
                let kept = (lower < 0 || row - column <= lower) && (upper < 0 || column - row <= upper)
                return kept ? x[position] : 0
            }
        ]
    }

    /// Zeros, then one copy a row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
        guard y.count > 0 else { return }
        y.start.initializeMemory(as: UInt8.self, repeating: 0, count: y.count * y.elementBytes)
        for line in 0..<y.count / columns {
            let row = line % rows
            let first = lower < 0 ? 0 : min(columns, max(0, row - min(lower, row)))
            let end = upper < 0 ? columns : min(columns, row + min(upper, columns) + 1)
            if first < end { y.copy(end - first, from: x, at: line * columns + first, to: line * columns + first) }
        }
    }
}
