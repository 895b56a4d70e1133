// Matrix products shared out over our own threads, each a one-thread call of OpenBLAS.

import AssayTensors

extension FastScalar {
    /// C = A · op(B) + beta · C over the rows of C in parts, row-major and dense.
    ///
    /// Parts are cut at multiples of a fixed number of rows, whatever the number of threads, so that results do not depend
    /// on it.
    static func sharedMatrixProduct(
        m: Int, n: Int, k: Int, _ a: UnsafePointer<Self>, lda: Int, _ b: UnsafePointer<Self>, ldb: Int,
        transposeB: Bool = false, beta: Self = 0, _ c: UnsafeMutablePointer<Self>, ldc: Int, threads: ThreadPool
    ) {
        let rowsPerPart = 64
        let parts = (m + rowsPerPart - 1) / rowsPerPart
        // A product of under a million multiply-adds is over before a thread has started.
        guard threads.threadCount > 1, parts > 1, m * n * k > 1 << 20 else {
            matrixProduct(
                transposeA: false, transposeB: transposeB, m: m, n: n, k: k, alpha: 1, a, lda: lda, b, ldb: ldb,
                beta: beta, c, ldc: ldc)
            return
        }
        let work = SharedProduct(a: a, b: b, c: c)
        threads.forEach(parts) { part in
            let first = part * rowsPerPart
            matrixProduct(
                transposeA: false, transposeB: transposeB, m: min(rowsPerPart, m - first), n: n, k: k, alpha: 1,
                work.a + first * lda, lda: lda, work.b, ldb: ldb, beta: beta, work.c + first * ldc, ldc: ldc)
        }
    }
}

/// The pointers of one product, for threads that write disjoint rows.
private struct SharedProduct<Scalar: FastScalar>: @unchecked Sendable {
    let a: UnsafePointer<Scalar>
    let b: UnsafePointer<Scalar>
    let c: UnsafeMutablePointer<Scalar>
}
