// Identity: a value under another name, where a layer does nothing at inference.

import AssayGraph
import AssayTensors

/// y = x.
///
/// Operand: x. Result: the same.
public struct Identity: Operator {
    /// The name in the JSON form.
    public static let name = "Identity"
    /// The formula.
    public static let formula = "y[…] = x[…]"

    /// Nothing to do.
    public init() {}

    /// No arithmetic.
    public var exactness: Exactness { .exact }

    /// The bytes are the operand's.
    public var isReshape: Bool { true }

    /// The operand.
    public func passedOperand(operandsAreSame: Bool) -> Int? { 0 }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// What is known of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] { [try require(operands, 0, "the operand")] }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        [try given(operands, 0)]
    }

    /// A copy, where the plan does not share the memory.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        call.result().copy(call.result().count, from: call.operand(0))
    }
}
