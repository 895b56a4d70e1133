// Activation functions, and softmax with what changed about its axis.

import AssayGraph
import AssayOperators
import AssayTensors

/// Activation functions.
enum ActivationOperators {
    /// A function without attributes.
    static func activation(_ function: ActivationFunction) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in [try call.add(Activation(function), call.operand(0))] }
    }

    /// max(0, x), of integers too.
    static func relu(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        guard call.type(x).isFloatingPoint else { return [try call.add(Clip(minimum: 0, maximum: nil), x)] }
        return [try call.add(Activation(.relu()), x)]
    }

    /// A function whose only attribute is α.
    static func alpha(
        _ standard: Double, _ function: @escaping @Sendable (Double) -> ActivationFunction
    ) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in
            [try call.add(Activation(function(try call.real("alpha", standard))), call.operand(0))]
        }
    }

    /// γ x above zero, γ α (eˣ − 1) below.
    static func selu(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let (alpha, gamma) = (
            try call.real("alpha", 1.67326319217681884765625), try call.real("gamma", 1.05070102214813232421875)
        )
        let x = try call.operand(0)
        return [
            try call.add(
                Binary(.multiply), call.add(Activation(.elu(alpha: alpha)), x), call.scalar(gamma, like: x))
        ]
    }

    /// α x + β within 0 and 1.
    static func hardSigmoid(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let function = ActivationFunction.hardSigmoid(
            slope: try call.real("alpha", 0.2), offset: try call.real("beta", 0.5))
        return [try call.add(Activation(function), call.operand(0))]
    }

    /// x Φ(x), Φ exact or by the hyperbolic tangent.
    static func gelu(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let isApproximate = try call.text("approximate", "none") == "tanh"
        return [try call.add(Activation(.gelu(approximate: isApproximate)), call.operand(0))]
    }

    /// x moved towards zero by a bias where it is beyond λ, zero within.
    static func shrink(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let (lambda, bias) = (try call.real("lambd", 0.5), try call.real("bias", 0))
        let x = try call.operand(0)
        let moved = try call.add(
            Binary(.subtract), x,
            call.add(Binary(.multiply), call.add(Unary(.sign), x), call.scalar(bias, like: x)))
        let isFar = try call.add(Compare(.greater), call.add(Unary(.absolute), x), call.scalar(lambda, like: x))
        return [try call.add(Where(), isFar, moved, call.scalar(0, like: x))]
    }

    /// x σ(α x).
    static func swish(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let alpha = try call.real("alpha", 1)
        let x = try call.operand(0)
        if alpha == 1 { return [try call.add(Activation(.silu), x)] }
        let gate = try call.add(Activation(.sigmoid), call.add(Binary(.multiply), x, call.scalar(alpha, like: x)))
        return [try call.add(Binary(.multiply), x, gate)]
    }

    /// x above zero, slope · x below.
    static func prelu(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        [try call.add(ParametricRelu(), call.operand(0), call.operand(1))]
    }

    // MARK: Along an axis

    /// Softmax.
    static func softmax(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        try along(call) { (x, axis) throws(AssayError) in try call.add(Softmax(axes: [axis]), x) }
    }

    /// Its logarithm.
    static func logSoftmax(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        try along(call) { (x, axis) throws(AssayError) in try call.add(LogSoftmax(axis: axis), x) }
    }

    /// One at the first greatest element, zero elsewhere.
    static func hardmax(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        try along(call) { (x, axis) throws(AssayError) in
            let greatest = try call.add(ArgReduce(largest: true, axis: axis), x)
            let depth = try call.extent(x, axis: axis)
            return try call.cast(call.add(OneHot(depth: depth, axis: axis), greatest), to: call.type(x))
        }
    }

    /// Since opset 13 along one axis; before, along all axes from `axis` on taken together.
    private static func along(
        _ call: ONNXCall, _ body: (ValueID, Int) throws(AssayError) -> ValueID
    ) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let rank = try call.shape(x).count
        let axis = try call.resolve(call.integer("axis", call.opset < 13 ? 1 : -1), rank: rank)
        if call.opset >= 13 || axis == rank - 1 { return [try body(x, axis)] }
        let flat = try call.add(Reshape([.product(of: 0..<axis), .product(of: axis..<rank)]), x)
        return [try call.add(Reshape([]), body(flat, 1), call.add(ShapeOf(), x))]
    }
}
