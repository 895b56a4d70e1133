// Identity: a value under another name, where a layer does nothing at inference.

import AssayGraph
import AssayTensors

/// y = x.
///
/// Operand: x. Result: the same.
public struct Identity: ReshapingOperator {
    /// The name in the JSON form.
    public static let name = "Identity"
    /// The formula.
    public static let formula = "y[…] = x[…]"

    /// Nothing to do.
    public init() {}

    /// The operand.
    public func passedOperand(operandsAreSame: Bool) -> Int? { 0 }

    /// What is known of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] { [try require(operands, 0, "the operand")] }
}
