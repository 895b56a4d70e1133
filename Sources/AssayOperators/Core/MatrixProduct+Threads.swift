// Matrix products shared out over our own threads, each a one-thread call of OpenBLAS.

import AssayTensors

extension FastScalar {
    /// C = A · op(B) in parts of C, row-major, on top of a bias where there is one, and with `chain` applied to each part as
    /// soon as it is there. With a chain C is dense: `ldc` is `n`.
    ///
    /// A product is cut the same way whatever the number of threads: OpenBLAS rounds an element differently by its place
    /// in a product, and results must not depend on threads.
    static func sharedMatrixProduct(
        m: Int, n: Int, k: Int, _ a: UnsafePointer<Self>, lda: Int, _ b: UnsafePointer<Self>, ldb: Int,
        transposeB: Bool = false, bias: UnsafePointer<Self>? = nil, _ c: UnsafeMutablePointer<Self>, ldc: Int,
        chain: RowChain<Self> = RowChain(), threads: ThreadPool
    ) {
        let cut = ProductCut(m: m, n: n, k: k)
        let work = SharedProduct(a: a, b: b, bias: bias, c: c)
        threads.forEach(cut.parts) { part in
            let (rows, columns) = cut.part(part)
            let (row, column) = (rows.lowerBound, columns.lowerBound)
            if let bias = work.bias {
                for row in rows { (work.c + row * ldc + column).update(from: bias + column, count: columns.count) }
            }
            matrixProduct(
                transposeA: false, transposeB: transposeB, m: rows.count, n: columns.count, k: k, alpha: 1,
                work.a + row * lda, lda: lda, work.b + (transposeB ? column * ldb : column), ldb: ldb,
                beta: work.bias == nil ? 0 : 1, work.c + row * ldc + column, ldc: ldc)
            chain.applyElementwise(to: work.c, width: ldc, rows: rows, columns: columns)
            if !cut.isByColumns { chain.applyWhole(to: work.c, width: ldc, rows: rows) }
        }
        guard cut.isByColumns, chain.needsWholeRows else { return }
        threads.forEachPart(m, pieceCost: 4 * n) { chain.applyWhole(to: work.c, width: ldc, rows: $0) }
    }
}

/// How a product is cut: along its longer side, since each part packs its own share of that operand and all of the other.
private struct ProductCut {
    private let m: Int
    private let n: Int
    /// Rows or columns of a part.
    private let extent: Int
    /// Whether parts have all rows and some columns.
    let isByColumns: Bool
    let parts: Int

    init(m: Int, n: Int, k: Int) {
        (self.m, self.n) = (m, n)
        isByColumns = n > m
        let side = max(m, n)
        // Parts of fewer rows spend too much of their time on packing; fewer multiply-adds are over before a thread starts.
        let wanted = min(side / 192, m * n * k >> 22, 16)
        let even = (side + max(1, wanted) - 1) / max(1, wanted)
        extent = wanted > 1 ? (even + 47) / 48 * 48 : max(1, side)
        parts = (side + extent - 1) / extent
    }

    func part(_ index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let first = index * extent
        return isByColumns ? (0..<m, first..<min(first + extent, n)) : (first..<min(first + extent, m), 0..<n)
    }
}

/// The pointers of one product, for threads that write disjoint parts.
private struct SharedProduct<Scalar: FastScalar>: @unchecked Sendable {
    let a: UnsafePointer<Scalar>
    let b: UnsafePointer<Scalar>
    let bias: UnsafePointer<Scalar>?
    let c: UnsafeMutablePointer<Scalar>
}
