// ExpandDims: new axes of one element.

import AssayGraph
import AssayTensors

/// y = x with new axes of one element.
///
/// Operand: x. Result: its shape with a one at each of `axes`, which count in the result.
public struct ExpandDims: Operator {
    /// The name in the JSON form.
    public static let name = "ExpandDims"
    /// The formula.
    public static let formula = "y[…, 0, …] = x[…, …]"
    /// Where the new axes stand in the result.
    public var axes: [Int]

    /// New axes.
    public init(axes: [Int]) { self.axes = axes }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// The bytes are the operand's.
    public var isReshape: Bool { true }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The shape with ones in between.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard var shape = x.shape else { return [Fact(x.type, nil)] }
        for axis in try resolve(axes: axes, rank: shape.count + axes.count).sorted() { shape.insert(1, at: axis) }
        return [Fact(x.type, shape, integers: x.integers)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        return [ReferenceTensor(type, shape, try given(operands, 0).values)]
    }

    /// A copy, where the plan does not share the memory.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        call.result().copy(call.result().count, from: call.operand(0))
    }
}
