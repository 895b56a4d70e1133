// Matrix products shared out over our own threads, each a one-thread call of OpenBLAS.

import AssayTensors

extension FastScalar {
    /// C = A · op(B) + beta · C in parts of C, row-major.
    ///
    /// A product is cut the same way whatever the number of threads: OpenBLAS rounds an element differently by its place
    /// in a product, and results must not depend on threads.
    static func sharedMatrixProduct(
        m: Int, n: Int, k: Int, _ a: UnsafePointer<Self>, lda: Int, _ b: UnsafePointer<Self>, ldb: Int,
        transposeB: Bool = false, beta: Self = 0, _ c: UnsafeMutablePointer<Self>, ldc: Int, threads: ThreadPool
    ) {
        let cut = ProductCut(m: m, n: n, k: k)
        let work = SharedProduct(a: a, b: b, c: c)
        threads.forEach(cut.parts) { part in
            let first = part * cut.extent
            let (row, column) = cut.isByColumns ? (0, first) : (first, 0)
            matrixProduct(
                transposeA: false, transposeB: transposeB, m: cut.isByColumns ? m : min(cut.extent, m - first),
                n: cut.isByColumns ? min(cut.extent, n - first) : n, k: k, alpha: 1, work.a + row * lda, lda: lda,
                work.b + (transposeB ? column * ldb : column), ldb: ldb, beta: beta, work.c + row * ldc + column,
                ldc: ldc)
        }
    }
}

/// How a product is cut: along its longer side, since each part packs its own share of that operand and all of the other.
private struct ProductCut {
    let isByColumns: Bool
    /// Rows or columns of a part.
    let extent: Int
    let parts: Int

    init(m: Int, n: Int, k: Int) {
        isByColumns = n > m
        let side = max(m, n)
        // Parts of fewer rows spend too much of their time on packing; fewer multiply-adds are over before a thread starts.
        let wanted = min(side / 192, m * n * k >> 22, 16)
        let even = (side + max(1, wanted) - 1) / max(1, wanted)
        extent = wanted > 1 ? (even + 47) / 48 * 48 : max(1, side)
        parts = (side + extent - 1) / extent
    }
}

/// The pointers of one product, for threads that write disjoint parts.
private struct SharedProduct<Scalar: FastScalar>: @unchecked Sendable {
    let a: UnsafePointer<Scalar>
    let b: UnsafePointer<Scalar>
    let c: UnsafeMutablePointer<Scalar>
}
