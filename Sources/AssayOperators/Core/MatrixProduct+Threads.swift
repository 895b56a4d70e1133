// Matrix products shared out over our own threads, each part one call on one thread.

import AssayTensors

extension FastScalar {
    /// C = A · op(B) in parts of C, row-major, on top of a bias where there is one, and with `chain` applied to each part as
    /// soon as it is there. With a chain C is dense: `ldc` is `n`.
    static func sharedMatrixProduct(
        m: Int, n: Int, k: Int, _ a: UnsafePointer<Self>, lda: Int, _ b: UnsafePointer<Self>, ldb: Int,
        transposeB: Bool = false, bias: UnsafePointer<Self>? = nil, _ c: UnsafeMutablePointer<Self>, ldc: Int,
        chain: RowChain<Self> = RowChain(), threads: ThreadPool
    ) {
        let work = Shared((a: a, b: b, bias: bias, c: c))
        ProductCut(m: m, n: n, k: k).share(over: threads, applying: chain, to: c, width: ldc) { rows, columns in
            let (row, column) = (rows.lowerBound, columns.lowerBound)
            if let bias = work.value.bias {
                for row in rows {
                    (work.value.c + row * ldc + column).update(from: bias + column, count: columns.count)
                }
            }
            matrixProduct(
                transposeA: false, transposeB: transposeB, m: rows.count, n: columns.count, k: k, alpha: 1,
                work.value.a + row * lda, lda: lda, work.value.b + (transposeB ? column * ldb : column), ldb: ldb,
                beta: work.value.bias == nil ? 0 : 1, work.value.c + row * ldc + column, ldc: ldc)
        }
    }

    /// C = A · B + bias with a packed B, all dense, shared out in the same way.
    static func sharedPackedProduct(
        m: Int, _ a: UnsafePointer<Self>, _ b: PackedMatrix<Self>, bias: UnsafePointer<Self>?,
        _ c: UnsafeMutablePointer<Self>, chain: RowChain<Self>, threads: ThreadPool
    ) {
        let (n, k) = (b.columns, b.depth)
        let work = Shared((a: a, bias: bias, c: c))
        ProductCut(m: m, n: n, k: k).share(over: threads, applying: chain, to: c, width: n) { rows, columns in
            b.multiply(
                rows: rows.count, work.value.a + rows.lowerBound * k, lda: k, bias: work.value.bias, columns: columns,
                work.value.c + rows.lowerBound * n, ldc: n)
        }
    }
}

/// How a product is cut: along its longer side, since each part packs its own share of that operand and all of the other.
///
/// A product is cut the same way whatever the number of threads: OpenBLAS rounds an element differently by its place in a
/// product, and results must not depend on threads.
private struct ProductCut {
    private let m: Int
    private let n: Int
    /// Rows or columns of a part.
    private let extent: Int
    /// Whether parts have all rows and some columns.
    private let isByColumns: Bool
    private let parts: Int

    init(m: Int, n: Int, k: Int) {
        (self.m, self.n) = (m, n)
        isByColumns = n > m
        let side = max(m, n)
        // Parts of fewer rows spend too much of their time on packing; fewer multiply-adds are over before a thread starts.
        let wanted = min(side / 192, (m * n * k) >> 22, 16)
        let even = (side + max(1, wanted) - 1) / max(1, wanted)
        extent = wanted > 1 ? (even + 47) / 48 * 48 : max(1, side)
        parts = (side + extent - 1) / extent
    }

    private func part(_ index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let first = index * extent
        return isByColumns ? (0..<m, first..<min(first + extent, n)) : (first..<min(first + extent, m), 0..<n)
    }

    /// Computes all parts by `multiply`, and applies a chain to each as far as its rows are there, then to whole rows.
    func share<Scalar: FastScalar>(
        over threads: ThreadPool, applying chain: RowChain<Scalar>, to c: UnsafeMutablePointer<Scalar>, width: Int,
        _ multiply: @Sendable (_ rows: Range<Int>, _ columns: Range<Int>) -> Void
    ) {
        let result = Shared(c)
        threads.forEach(parts) { index in
            let (rows, columns) = part(index)
            multiply(rows, columns)
            chain.applyElementwise(to: result.value, width: width, rows: rows, columns: columns)
            if !isByColumns { chain.applyWhole(to: result.value, width: width, rows: rows) }
        }
        guard isByColumns, chain.needsWholeRows else { return }
        threads.forEachPart(m, pieceCost: 4 * n) { chain.applyWhole(to: result.value, width: width, rows: $0) }
    }
}

/// Pointers through which threads write disjoint parts.
private struct Shared<Pointers>: @unchecked Sendable {
    let value: Pointers

    init(_ value: Pointers) { self.value = value }
}
