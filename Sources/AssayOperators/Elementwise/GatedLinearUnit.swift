// GatedLinearUnit: one half lets the other through.

import AssayGraph
import AssayTensors
import Glibc

/// y = the first half of x along an axis, times the logistic function of the second (Dauphin et al. 2017).
///
/// Operand: x, whose extent along the axis is even. Result: half that extent.
public struct GatedLinearUnit: Operator {
    /// The name in the JSON form.
    public static let name = "GatedLinearUnit"
    /// The formula.
    public static let formula = "y[…, i, …] = x[…, i, …] · σ(x[…, n/2 + i, …])"
    /// The axis that is halved.
    public var axis: Int

    /// A gate along `axis`.
    public init(axis: Int) {
        self.axis = axis
    }

    /// A few operations each.
    public var exactness: Exactness { .rounding }

    /// Half the extent along the axis.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        guard var shape = x.shape else { return [Fact(x.type, nil)] }
        let axis = try resolve(axis: axis, rank: shape.count)
        guard (shape[axis].value ?? 0) % 2 == 0 else {
            throw mismatch("an odd extent has no halves", found: shape.text)
        }
        shape[axis] = shape[axis] / 2
        return [Fact(x.type, shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let axis = axis.axis(of: shape.count)
        return [
            ReferenceTensor(type, shape) { position in
                var gate = position
                gate[axis] += shape[axis]
                return x[position] / (1 + exp(-x[gate]))
            }
        ]
    }

    /// The gate, then the product, for each position before the axis.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let split = AxisSplit(y.shape, axis: axis.axis(of: y.rank))
        let length = split.extent * split.inner
        for outer in 0..<split.outer {
            let (values, target) = (x.reals + 2 * outer * length, y.reals + outer * length)
            Scalar.rows.sigmoid(values + length, target, length)
            Scalar.rows.multiply(values, 1, target, 1, target, length)
        }
    }
}
