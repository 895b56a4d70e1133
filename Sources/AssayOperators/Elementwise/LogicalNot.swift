// LogicalNot: the opposite of booleans.

import AssayGraph
import AssayTensors

/// y = not x; an operand that is no boolean counts as true where it is not zero.
///
/// Operand: x. Result: booleans of its shape.
public struct LogicalNot: Operator {
    /// The name in the JSON form.
    public static let name = "LogicalNot"
    /// The formula.
    public static let formula = "y[…] = ¬x[…]"

    /// A negation.
    public init() {}

    /// Booleans are right or wrong.
    public var exactness: Exactness { .exact }

    /// Booleans of the operand's shape.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        [Fact(.bool, try require(operands, 0, "the operand").shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        return [ReferenceTensor(.bool, x.shape, x.values.map { $0 == 0 ? 1 : 0 })]
    }

    /// Element by element.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        for index in 0..<y.count { y.booleans[index] = 1 - x.bit(index) }
    }
}
