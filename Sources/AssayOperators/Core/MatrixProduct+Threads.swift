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
        ProductCut.even(m: m, n: n, k: k).share(over: threads, applying: chain, to: c, width: ldc) { rows, columns in
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
        ProductCut.falling(m: m, n: n, k: k, threads: threads).share(over: threads, applying: chain, to: c, width: n) {
            rows, columns in
            b.multiply(
                rows: rows.count, work.value.a + rows.lowerBound * k, lda: k, bias: work.value.bias, columns: columns,
                work.value.c + rows.lowerBound * n, ldc: n)
        }
    }
}

/// How a product is cut: along its longer side, since each part packs its own share of that operand and all of the other.
private struct ProductCut {
    private let m: Int
    private let n: Int
    /// Whether parts have all rows and some columns.
    private let isByColumns: Bool
    /// Where parts end, in steps of `ProductCut.step`, all of one size or ever smaller.
    private let sizes: Sizes

    /// The sizes of parts in steps of `ProductCut.step`.
    private enum Sizes {
        case even(Int)
        case falling

        func next(of rest: Int) -> Int {
            switch self {
            case .even(let size): min(size, rest)
            case .falling: (rest + 3) / 4
            }
        }
    }

    /// Rows or columns: a multiple of what every kernel takes at once.
    private static let step = 48

    private init(m: Int, n: Int, _ sizes: Sizes) {
        (self.m, self.n, self.sizes) = (m, n, sizes)
        isByColumns = n > m
    }

    /// For OpenBLAS: it rounds an element differently by its place in a product, and results must not depend on threads, so
    /// parts are the same whatever their number. Parts of fewer rows spend too much of their time on packing.
    static func even(m: Int, n: Int, k: Int) -> ProductCut {
        let steps = (max(m, n) + step - 1) / step
        let parts = max(1, min(steps / 4, worthwhileParts(m, n, k), 16))
        return ProductCut(m: m, n: n, .even(max(1, (steps + parts - 1) / parts)))
    }

    /// For packed matrices, whose products are the same wherever they are cut: ever smaller parts, so that no thread waits long
    /// for the last one; for one thread parts that are still in its cache when a chain is applied to them.
    static func falling(m: Int, n: Int, k: Int, threads: ThreadPool) -> ProductCut {
        let isWorthwhile = threads.threadCount > 1 && worthwhileParts(m, n, k) > 1
        return ProductCut(m: m, n: n, isWorthwhile ? .falling : .even(4))
    }

    /// Of fewer multiply-adds a part is over before a thread starts.
    private static func worthwhileParts(_ m: Int, _ n: Int, _ k: Int) -> Int { (m * n * k) >> 22 }

    private var steps: Int { (max(m, n) + ProductCut.step - 1) / ProductCut.step }

    private var parts: Int {
        var (count, rest) = (0, steps)
        while rest > 0 {
            rest -= sizes.next(of: rest)
            count += 1
        }
        return count
    }

    private func part(_ index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        var first = 0
        for _ in 0..<index { first += sizes.next(of: steps - first) }
        let end = first + sizes.next(of: steps - first)
        let range = first * ProductCut.step..<min(end * ProductCut.step, max(m, n))
        return isByColumns ? (0..<m, range) : (range, 0..<n)
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
