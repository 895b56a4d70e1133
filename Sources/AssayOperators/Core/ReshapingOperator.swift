// What operators have in common whose result is operand 0 under another shape.

import AssayGraph
import AssayTensors

/// An operator whose result 0 is operand 0 under another shape, so that neither memory nor time is needed for it where the
/// plan lets both share their bytes. It says its shape rule alone.
public protocol ReshapingOperator: Operator {}

extension ReshapingOperator {
    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The same elements in the same order.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        return [ReferenceTensor(type, shape, try given(operands, 0).values)]
    }

    /// A copy, where the plan does not share the memory.
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        call.result().copy(call.result().count, from: call.operand(0))
    }
}
