// The C kernels over contiguous rows, one table for each precision.

import CKernels

/// Functions over rows of `count` elements in one precision. A result may stand where its operand stands.
public struct RowKernels<Scalar: FastScalar>: Sendable {
    /// Applies a function to each element, or softmax to the whole row.
    typealias Map = @Sendable (UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) -> Void
    /// Combines two rows; a step of zero keeps an operand at its first element.
    typealias Binary =
        @Sendable (UnsafePointer<Scalar>, Int, UnsafePointer<Scalar>, Int, UnsafeMutablePointer<Scalar>, Int) -> Void

    let exp: Map
    let tanh: Map
    let sigmoid: Map
    let erf: Map
    let gelu: Map
    let geluTanh: Map
    let silu: Map
    let relu: Map
    let softmax: Map
    let add: Binary
    let subtract: Binary
    let multiply: Binary
    let divide: Binary
    /// The sum, in double.
    let sum: @Sendable (UnsafePointer<Scalar>, Int) -> Double
    /// Σ (x − center)², in double.
    let sumOfSquares: @Sendable (UnsafePointer<Scalar>, Double, Int) -> Double
    /// (x − center) · factor · gamma + beta.
    let normalize:
        @Sendable (
            UnsafePointer<Scalar>, Double, Double, UnsafePointer<Scalar>?, UnsafePointer<Scalar>?,
            UnsafeMutablePointer<Scalar>, Int
        ) -> Void
}

extension RowKernels<Float> {
    /// Polynomials in vectors.
    static let float = RowKernels(
        exp: assay_exp_f32, tanh: assay_tanh_f32, sigmoid: assay_sigmoid_f32, erf: assay_erf_f32, gelu: assay_gelu_f32,
        geluTanh: assay_gelu_tanh_f32, silu: assay_silu_f32, relu: assay_relu_f32, softmax: assay_softmax_f32,
        add: assay_add_f32, subtract: assay_subtract_f32, multiply: assay_multiply_f32, divide: assay_divide_f32,
        sum: assay_sum_f32, sumOfSquares: assay_sum_of_squares_f32, normalize: assay_normalize_f32)
}

extension RowKernels<Double> {
    /// Polynomials in vectors.
    static let double = RowKernels(
        exp: assay_exp_f64, tanh: assay_tanh_f64, sigmoid: assay_sigmoid_f64, erf: assay_erf_f64, gelu: assay_gelu_f64,
        geluTanh: assay_gelu_tanh_f64, silu: assay_silu_f64, relu: assay_relu_f64, softmax: assay_softmax_f64,
        add: assay_add_f64, subtract: assay_subtract_f64, multiply: assay_multiply_f64, divide: assay_divide_f64,
        sum: assay_sum_f64, sumOfSquares: assay_sum_of_squares_f64, normalize: assay_normalize_f64)
}
