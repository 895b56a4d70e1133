// ShapeOf: the extents of a value, as a value.

import AssayGraph
import AssayTensors

/// y = the extents of x.
///
/// Operand: x. Result: as many integers as x has axes.
public struct ShapeOf: Operator {
    /// The name in the JSON form.
    public static let name = "ShapeOf"
    /// The formula.
    public static let formula = "y[i] = extent of axis i of x"

    /// The extents.
    public init() {}

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// As many integers as x has axes, known as far as the shape is.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        return [Fact(.i64, x.shape.map { [.known($0.count)] }, integers: x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        return [ReferenceTensor(.i64, [x.shape.count], x.shape.map(Double.init))]
    }

    /// One integer an axis.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        for (axis, extent) in x.shape.enumerated() { y.integers[axis] = Int64(extent) }
    }
}
