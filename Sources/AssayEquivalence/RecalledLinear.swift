// Products that need not be done twice: where both models multiply the same numbers by the same matrix.

import AssayGraph
import AssayOperators
import AssayTensors
import Glibc

/// y = x · W + b; where x turns out to be, bit for bit, what an earlier product multiplied by W, the result of that one.
///
/// Operands: those of `Linear` (x, kernel, bias or none), then the earlier x and the earlier result. Result: that of `Linear`.
struct RecalledLinear: KernelOperator {
    static let name = "RecalledLinear"
    static let formula = "y = earlier y where x = earlier x, else Linear(x, W, b)"

    var linear: Linear

    var exactness: Exactness { linear.exactness }

    func transposingKernel() -> RecalledLinear { RecalledLinear(linear: linear.transposingKernel()) }

    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] { try linear.infer(Array(operands.prefix(3))) }

    func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { linear.multiplyAdds(operands, results) }

    func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        try linear.reference(Array(operands.prefix(3)))
    }

    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y, known) = (call.operand(0), call.result(), call.operand(4))
        guard x.hasSameBits(as: call.operand(3)) else { return try linear.fast(call) }
        y.start.copyMemory(from: known.start, byteCount: y.count * MemoryLayout<Scalar>.stride)
    }
}

extension FastTensor {
    /// Whether two values of reals have the same bits.
    fileprivate func hasSameBits(as other: FastTensor) -> Bool {
        count == other.count && memcmp(start, other.start, count * MemoryLayout<Scalar>.stride) == 0
    }
}
