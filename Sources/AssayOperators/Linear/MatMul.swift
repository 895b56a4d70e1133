// MatMul: products of matrices, batch by batch.

import AssayGraph
import AssayTensors

/// y = a · b by NumPy's `matmul`: the last two axes are the matrices, axes before them broadcast, and an operand of one
/// axis is a row on the left, a column on the right, whose axis the result has not.
///
/// Operands: a `[…, m, k]` (or `[…, k, m]` when `transposeA`), b `[…, k, n]` (or `[…, n, k]` when `transposeB`).
/// Result: `[…, m, n]`.
public struct MatMul: Operator {
    /// The name in the JSON form.
    public static let name = "MatMul"
    /// The formula.
    public static let formula = "y[…, i, j] = Σₖ a[…, i, k] · b[…, k, j]"
    /// Whether the last two axes of a are exchanged.
    public var transposeA: Bool
    /// Whether the last two axes of b are exchanged.
    public var transposeB: Bool

    /// A product of matrices.
    public init(transposeA: Bool = false, transposeB: Bool = false) {
        self.transposeA = transposeA
        self.transposeB = transposeB
    }

    /// Sums of `k` products.
    public var exactness: Exactness { .accumulating }

    /// The shape `[…, m, n]`.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let a = try require(operands, 0, "the left matrix")
        let b = try require(operands, 1, "the right matrix")
        let type = ElementType.promoted(a.type, b.type)
        guard let left = a.shape, let right = b.shape else { return [Fact(type, nil)] }
        guard !left.isEmpty, !right.isEmpty else { throw mismatch("a scalar is no matrix") }
        let layout = MatrixLayout(left, right, self)
        guard layout.depth.0.isCompatible(with: layout.depth.1) else {
            throw mismatch("the inner extents differ", found: "\(left.text) and \(right.text)")
        }
        let batch = try broadcast([Array(left.dropLast(2)), Array(right.dropLast(2))])
        return [Fact(type, batch + (left.count == 1 ? [] : [layout.m]) + (right.count == 1 ? [] : [layout.n]))]
    }

    /// `k` for each element of the result.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        guard let a = operands.first ?? nil, let y = results.first else { return 0 }
        let depth = a.rank >= 2 && transposeA ? a[a.rank - 2] : a.extents.last ?? 0
        return y.count.saturating(times: depth)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let a = try given(operands, 0)
        let b = try given(operands, 1)
        let depth = a.shape.count >= 2 && transposeA ? a.shape[a.shape.count - 2] : a.shape[a.shape.count - 1]
        return [
            ReferenceTensor(type, shape) { position in
                var batch = position
                let column = b.shape.count > 1 ? batch.removeLast() : 0
                let row = a.shape.count > 1 ? batch.removeLast() : 0
                return (0..<depth).reduce(0.0) { sum, k in
                    let left = a.shape.count == 1 ? [k] : transposeA ? [k, row] : [row, k]
                    let right = b.shape.count == 1 ? [k] : transposeB ? [column, k] : [k, column]
                    return sum + a.broadcast(batch + left) * b.broadcast(batch + right)
                }
            }
        ]
    }

    /// Where b is the same matrix for every batch.
    public func takesFollowers(_ operands: [Shape?]) -> Bool {
        guard let a = operands[0], let b = operands[1] else { return false }
        return b.rank == 2 && a.rank >= 2 && !transposeA
    }

    /// One product for each batch, or one for all where b is the same matrix for every batch.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (a, b, y) = (call.operand(0), call.operand(1), call.result())
        let layout = MatrixLayout(a.shape, b.shape, self)
        let (m, n, k) = (layout.m, layout.n, layout.depth.0)
        guard a.storage == .real, b.storage == .real else { return loops(a, b, y, layout) }
        let ldb = layout.transposeB ? k : n
        if b.rank <= 2, !layout.transposeA {
            return Scalar.sharedMatrixProduct(
                m: m == 0 || n == 0 ? 0 : y.count / n, n: n, k: k, a.reals, lda: k, b.reals, ldb: ldb,
                transposeB: layout.transposeB, y.reals, ldc: n, chain: call.followers, threads: call.threads)
        }
        let batches = layout.batches(a.shape, b.shape)
        call.threads.forEachPart(batches.count, pieceCost: m * n * k / 16) { range in
            var odometer = Odometer(batches, at: range.lowerBound)
            for batch in range {
                Scalar.matrixProduct(
                    transposeA: layout.transposeA, transposeB: layout.transposeB, m: m, n: n, k: k, alpha: 1,
                    a.reals + odometer.offsets[0] * m * k, lda: layout.transposeA ? m : k,
                    b.reals + odometer.offsets[1] * k * n, ldb: ldb, beta: 0, y.reals + batch * m * n, ldc: n)
                odometer.advance()
            }
        }
    }

    /// Integers, or integers beside reals.
    private func loops<Scalar: FastScalar>(
        _ a: FastTensor<Scalar>, _ b: FastTensor<Scalar>, _ y: FastTensor<Scalar>, _ layout: MatrixLayout<Int>
    ) {
        let (m, n, k) = (layout.m, layout.n, layout.depth.0)
        let batches = layout.batches(a.shape, b.shape)
        var odometer = Odometer(batches, at: 0)
        for batch in 0..<batches.count {
            let (left, right) = (odometer.offsets[0] * m * k, odometer.offsets[1] * k * n)
            for row in 0..<m {
                for column in 0..<n {
                    var sum = 0.0
                    for index in 0..<k {
                        let first = left + (layout.transposeA ? index * m + row : row * k + index)
                        let second = right + (layout.transposeB ? column * k + index : index * n + column)
                        sum += a.double(at: first) * b.double(at: second)
                    }
                    y.set((batch * m + row) * n + column, to: sum)
                }
            }
            odometer.advance()
        }
    }
}

/// Where rows, columns and the inner extent of two operands stand; `Extent` is a number or a dimension.
private struct MatrixLayout<Extent: ExpressibleByIntegerLiteral & Sendable>: Sendable {
    let m: Extent
    let n: Extent
    let depth: (Extent, Extent)
    /// Whether the operand is exchanged: never for one of one axis.
    let transposeA: Bool
    let transposeB: Bool

    /// The layout of operands that have at least one axis.
    init(_ a: [Extent], _ b: [Extent], _ operation: MatMul) {
        transposeA = operation.transposeA && a.count > 1
        transposeB = operation.transposeB && b.count > 1
        let left = a.count == 1 ? [1, a[0]] : Array(a.suffix(2))
        let right = b.count == 1 ? [b[0], 1] : Array(b.suffix(2))
        m = left[transposeA ? 1 : 0]
        n = right[transposeB ? 0 : 1]
        depth = (left[transposeA ? 0 : 1], right[transposeB ? 1 : 0])
    }

    /// The loop over all batches; offsets count matrices.
    func batches(_ a: [Int], _ b: [Int]) -> StridedAxes {
        let (left, right) = (Array(a.dropLast(2)), Array(b.dropLast(2)))
        let rank = max(left.count, right.count)
        let shape = (0..<rank).map { axis -> Int in
            let (first, second) = (axis - rank + left.count, axis - rank + right.count)
            if first < 0 { return right[second] }
            return second < 0 || left[first] != 1 ? left[first] : right[second]
        }
        return StridedAxes(
            shape: shape,
            strides: [
                StridedAxes.broadcastStrides(left, in: shape), StridedAxes.broadcastStrides(right, in: shape),
            ])
    }
}
