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
        let x = try require(operands, 0, "the input")
        if let shape = x.shape, shape.count < 2 {
            throw mismatch("wrong input", expected: "two axes or more", found: shape.text)
        }
        guard abs(diagonal) < 1 << 53 else { throw mismatch("wrong diagonal", found: "\(diagonal)") }
        return [Fact(x.type, x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let rank = x.shape.count
        return [
            ReferenceTensor(x.type, x.shape) { position in
                let place = position[rank - 1] - position[rank - 2]
                return (upper ? place >= diagonal : place <= diagonal) ? x[position] : 0
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
            let border = line % rows + diagonal
            let first = upper ? min(columns, max(0, border)) : 0
            let end = upper ? columns : min(columns, max(0, border + 1))
            if first < end { y.copy(end - first, from: x, at: line * columns + first, to: line * columns + first) }
        }
    }
}
