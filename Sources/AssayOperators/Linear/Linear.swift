// Linear: the product with a kernel on the last axis, plus a bias. Dense of Keras, Gemm and MatMul with weights of others.

import AssayGraph
import AssayTensors

/// An operator that multiplies by a matrix, its operand 1, which may be given either way round.
public protocol KernelOperator: Operator {
    /// The same operator for the transpose of its kernel.
    func transposingKernel() -> Self
}

/// y = x · W + b over the last axis of x.
///
/// Operands: x `[…, in]`, kernel `[in, out]` (or `[out, in]` when `kernelIsTransposed`), bias `[out]` or none.
/// Result: `[…, out]`.
public struct Linear: KernelOperator {
    /// The name in the JSON form.
    public static let name = "Linear"
    /// The formula.
    public static let formula = "y[…, j] = Σᵢ x[…, i] · W[i, j] + b[j]"
    /// Whether the kernel is stored `[out, in]`, as PyTorch does.
    public var kernelIsTransposed: Bool

    /// A product with a kernel.
    public init(kernelIsTransposed: Bool = false) {
        self.kernelIsTransposed = kernelIsTransposed
    }

    /// The same with the kernel's axes the other way round.
    public func transposingKernel() -> Linear { Linear(kernelIsTransposed: !kernelIsTransposed) }

    /// Sums of `in` products.
    public var exactness: Exactness { .accumulating }

    /// The shape of x with its last axis replaced.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        let kernel = try requireReal(operands, 1, "the kernel")
        guard let kernelShape = kernel.shape, kernelShape.count == 2 else {
            throw mismatch("wrong kernel", expected: "two axes", found: kernel.shape?.text)
        }
        let (width, units) =
            kernelIsTransposed ? (kernelShape[1], kernelShape[0]) : (kernelShape[0], kernelShape[1])
        try requireWeight(operands[optional: 2], [units], role: "bias")
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard let last = shape.last, last.isCompatible(with: width) else {
            throw mismatch("wrong input width", expected: width.description, found: shape.text)
        }
        return [Fact(x.type, shape.dropLast() + [units])]
    }

    /// One for each element of the kernel and row of x.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        guard let x = operands.first ?? nil, let result = results.first else { return 0 }
        return x.count.saturating(times: result.extents.last ?? 0)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let x = operands[0], let kernel = operands[1], let width = x.shape.last else {
            throw mismatch("an operand is missing")
        }
        let bias = operands.count > 2 ? operands[2] : nil
        let units = kernel.shape[kernelIsTransposed ? 0 : 1]
        var y = ReferenceTensor(x.type, zeros: x.shape.dropLast() + [units])
        let rows = width == 0 ? y.count / max(units, 1) : x.count / width
        for row in 0..<rows {
            for unit in 0..<units {
                var sum = 0.0
                for index in 0..<width {
                    let weight = kernelIsTransposed ? unit * width + index : index * units + unit
                    sum += x.values[row * width + index] * kernel.values[weight]
                }
                y.values[row * units + unit] = sum + (bias?.values[unit] ?? 0)
            }
        }
        return [y]
    }

    /// Always.
    public func takesFollowers(_ operands: [Shape?]) -> Bool { true }

    /// One matrix product over all rows, on top of the bias.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let x = call.operand(0)
        let y = call.result()
        guard let width = x.shape.last, let units = y.shape.last, units > 0 else { return }
        let rows = y.count / units
        if let kernel = call.packedKernel {
            return Scalar.sharedPackedProduct(
                m: rows, x.reals, kernel, bias: call.optional(2)?.reals, y.reals, chain: call.followers,
                threads: call.threads)
        }
        let kernel = call.operand(1)
        Scalar.sharedMatrixProduct(
            m: rows, n: units, k: width, x.reals, lda: width, kernel.reals, ldb: kernelIsTransposed ? width : units,
            transposeB: kernelIsTransposed, bias: call.optional(2)?.reals, y.reals, ldc: units, chain: call.followers,
            threads: call.threads)
    }
}
