// Repeat: each element several times along an axis.

import AssayGraph
import AssayTensors

/// y = each slice of x several times along an axis, as NumPy's `repeat`.
///
/// Operand: x. Result: its shape with the extent along the axis times `count`.
public struct Repeat: Operator {
    /// The name in the JSON form.
    public static let name = "Repeat"
    /// The formula.
    public static let formula = "y[…, i, …] = x[…, ⌊i / count⌋, …]"
    /// How often.
    public var count: Int
    /// The axis.
    public var axis: Int

    /// Repetitions along `axis`.
    public init(count: Int, axis: Int) {
        self.count = count
        self.axis = axis
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The extent along the axis times the count.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard count >= 0 else { throw mismatch("wrong count", found: "\(count)") }
        guard var shape = x.shape else { return [Fact(x.type, nil)] }
        let axis = try resolve(axis: axis, rank: shape.count)
        shape[axis] = shape[axis] * .known(count)
        return [Fact(x.type, shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let axis = axis.axis(of: shape.count)
        return [
            ReferenceTensor(type, shape) { position in
                var source = position
                source[axis] /= count
                return x[source]
            }
        ]
    }

    /// A strided copy that stands still along the repetitions.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let split = AxisSplit(x.shape, axis: axis.axis(of: x.rank))
        StridedCopy(
            shape: [split.outer * split.extent, count, split.inner], sourceStrides: [split.inner, 0, 1]
        )
        .run(from: x.start, to: y.start, elementBytes: x.elementBytes, threads: call.threads)
    }
}
