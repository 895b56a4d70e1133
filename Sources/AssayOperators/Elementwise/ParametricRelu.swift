// ParametricRelu: a learned slope below zero.

import AssayGraph
import AssayTensors

/// y = x above zero, α · x below (He et al. 2015).
///
/// Operands: x, α that broadcasts to x. Result: the shape of x.
public struct ParametricRelu: Operator {
    /// The name in the JSON form.
    public static let name = "ParametricRelu"
    /// The formula.
    public static let formula = "y[…] = x[…] > 0 ? x[…] : α[…] · x[…]"

    /// A learned slope.
    public init() {}

    /// One multiplication each.
    public var exactness: Exactness { .rounding }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        try requireBroadcast(try requireReal(operands, 1, "the slope"), to: x.shape, role: "slope")
        return [Fact(x.type, x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let alpha = try given(operands, 1)
        return [
            ReferenceTensor(x.type, x.shape) { position in
                x[position] > 0 ? x[position] : alpha.broadcast(position) * x[position]
            }
        ]
    }

    /// Row by row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, alpha, y) = (call.operand(0), call.operand(1), call.result())
        let loop = BroadcastLoop(result: y.shape, operands: [x.shape, alpha.shape])
        let steps = loop.steps
        loop.forEachRow(call.threads) { result, offsets, count in
            for index in 0..<count {
                let value = x.reals[offsets[0] &+ index &* steps[0]]
                let slope = alpha.reals[offsets[1] &+ index &* steps[1]]
                y.reals[result + index] = value > 0 ? value : slope * value
            }
        }
    }
}
