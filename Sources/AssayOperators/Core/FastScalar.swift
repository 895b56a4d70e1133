// The two precisions of the fast path, and the products that OpenBLAS gives for both.

import AssayTensors
import CKernels

/// A precision in which the fast path runs: `Float` or `Double`.
public protocol FastScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable where RawSignificand: FixedWidthInteger {
    /// The element type of tensors of this scalar.
    static var elementType: ElementType { get }

    /// The kernels over rows of this scalar.
    static var rows: RowKernels<Self> { get }

    /// The kernels of products with packed matrices; nil where there are none.
    static var packedKernels: PackedKernels<Self>? { get }

    /// C = alpha · op(A) · op(B) + beta · C, row-major, on the calling thread; op transposes where asked. A is `m × k`
    /// after op, B `k × n`; `lda`, `ldb`, `ldc` are the distances between stored rows.
    static func matrixProduct(
        transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self,
        _ a: UnsafePointer<Self>, lda: Int, _ b: UnsafePointer<Self>, ldb: Int, beta: Self,
        _ c: UnsafeMutablePointer<Self>, ldc: Int)
}

extension Float: FastScalar {
    /// binary32.
    public static var elementType: ElementType { .f32 }

    /// Polynomials in vectors.
    public static var rows: RowKernels<Float> { .float }

    /// Those of this processor.
    public static var packedKernels: PackedKernels<Float>? { .float }

    /// `cblas_sgemm`.
    public static func matrixProduct(
        transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
        _ a: UnsafePointer<Float>, lda: Int, _ b: UnsafePointer<Float>, ldb: Int, beta: Float,
        _ c: UnsafeMutablePointer<Float>, ldc: Int
    ) {
        guard m > 0, n > 0 else { return }
        assay_sgemm(transposeA, transposeB, m, n, k, alpha, a, max(lda, 1), b, max(ldb, 1), beta, c, ldc)
    }
}

extension Double: FastScalar {
    /// binary64.
    public static var elementType: ElementType { .f64 }

    /// Polynomials in vectors.
    public static var rows: RowKernels<Double> { .double }

    /// None: runs in Double pass over weights once, and those are floats mostly.
    public static var packedKernels: PackedKernels<Double>? { nil }

    /// `cblas_dgemm`.
    public static func matrixProduct(
        transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Double,
        _ a: UnsafePointer<Double>, lda: Int, _ b: UnsafePointer<Double>, ldb: Int, beta: Double,
        _ c: UnsafeMutablePointer<Double>, ldc: Int
    ) {
        guard m > 0, n > 0 else { return }
        assay_dgemm(transposeA, transposeB, m, n, k, alpha, a, max(lda, 1), b, max(ldb, 1), beta, c, ldc)
    }
}

/// The library of matrix products.
public enum LinearAlgebra {
    /// Loads OpenBLAS; to be called before the first product.
    ///
    /// - Throws: `AssayError.notRunnable` where it is not installed.
    public static func load() throws(AssayError) {
        guard assay_blas_load() else {
            throw AssayError(
                .notRunnable, "OpenBLAS cannot be loaded (libopenblas.so.0)",
                hint: "install it: apt-get install libopenblas0-pthread")
        }
    }
}
