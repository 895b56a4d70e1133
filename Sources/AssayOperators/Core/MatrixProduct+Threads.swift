// Matrix products shared out over our own threads, each a one-thread call of OpenBLAS.

import AssayTensors

extension FastScalar {
    /// C = A · op(B) + beta · C in parts, row-major and dense.
    ///
    /// OpenBLAS's rounding depends on the shape of a call, so large products are cut into the same parts whatever the number
    /// of threads: results do not depend on it. Parts are columns where there are many, which costs one thread nothing
    /// (rows would have it arrange the whole of B for each part), else rows.
    static func sharedMatrixProduct(
        m: Int, n: Int, k: Int, _ a: UnsafePointer<Self>, lda: Int, _ b: UnsafePointer<Self>, ldb: Int,
        transposeB: Bool = false, beta: Self = 0, _ c: UnsafeMutablePointer<Self>, ldc: Int, threads: ThreadPool
    ) {
        // A product of under a million multiply-adds is over before a thread has started.
        let isLarge = m * n * k > 1 << 20
        let columns = ProductParts(n, isCut: isLarge)
        let rows = ProductParts(m, isCut: isLarge && columns.count == 1)
        let work = SharedProduct(a: a, b: b, c: c)
        threads.forEach(rows.count * columns.count) { part in
            let row = rows[part / columns.count]
            let column = columns[part % columns.count]
            let firstOfB = transposeB ? column.lowerBound * ldb : column.lowerBound
            matrixProduct(
                transposeA: false, transposeB: transposeB, m: row.count, n: column.count, k: k, alpha: 1,
                work.a + row.lowerBound * lda, lda: lda, work.b + firstOfB, ldb: ldb, beta: beta,
                work.c + row.lowerBound * ldc + column.lowerBound, ldc: ldc)
        }
    }
}

/// An extent in parts of about equal size, by its size alone.
private struct ProductParts {
    let count: Int
    private let extent: Int
    private let size: Int

    init(_ extent: Int, isCut: Bool) {
        let wanted = !isCut || extent < 256 ? 1 : extent < 1024 ? 2 : extent < 4096 ? 4 : 8
        self.extent = extent
        // Whole blocks of OpenBLAS's kernels.
        size = wanted == 1 ? max(extent, 1) : ((extent + wanted - 1) / wanted + 15) / 16 * 16
        count = max(1, (extent + size - 1) / size)
    }

    subscript(part: Int) -> Range<Int> { part * size..<min((part + 1) * size, extent) }
}

/// The pointers of one product, for threads that write disjoint parts.
private struct SharedProduct<Scalar: FastScalar>: @unchecked Sendable {
    let a: UnsafePointer<Scalar>
    let b: UnsafePointer<Scalar>
    let c: UnsafeMutablePointer<Scalar>
}
