// Reshape: the same elements under another shape.

import AssayGraph
import AssayTensors

/// y = the elements of x, row-major, under another shape. Flattening is `[.copied(axis: 0), .inferred]`.
///
/// Operands: x, shape (integers that are known before running; −1 is inferred, 0 copied) or none, which wins over the
/// attribute. Result: the new shape.
public struct Reshape: Operator {
    /// The name in the JSON form.
    public static let name = "Reshape"
    /// The formula.
    public static let formula = "y.flat[i] = x.flat[i]"
    /// The new extents.
    public var target: [ReshapeExtent]

    /// Another shape.
    public init(_ target: [ReshapeExtent]) { self.target = target }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// The bytes are the operand's.
    public var isReshape: Bool { true }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The new shape.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard let given = operands[optional: 1] else {
            return [Fact(x.type, try resolve(target, of: shape, keepsCount: true), integers: x.integers)]
        }
        guard let integers = given.integers else { return [Fact(x.type, nil)] }
        return [Fact(x.type, try extents(integers, of: shape), integers: x.integers)]
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
