// Matrix products.

import AssayGraph
import AssayOperators
import AssayTensors

/// Products of matrices, with what exporters and ONNX Runtime fuse into them.
enum ProductOperators {
    /// NumPy's `matmul`.
    static func matMul(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        [try call.add(MatMul(), call.operand(0), call.operand(1))]
    }

    /// α · A · B + β · C, with either factor transposed.
    static func gemm(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let product = try call.add(
            MatMul(transposeA: call.flag("transA"), transposeB: call.flag("transB")), call.operand(0), call.operand(1))
        var result = try scaled(product, call.real("alpha", 1), call)
        let beta = try call.real("beta", 1)
        if let addend = call.optional(2), beta != 0 {
            result = try call.add(Binary(.add), result, scaled(addend, beta, call))
        }
        return [try fusedActivation(call, result)]
    }

    /// ONNX Runtime's `FusedMatMul`: a product times α, with either factor transposed.
    static func fusedMatMul(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard try !call.flag("transBatchA"), try !call.flag("transBatchB") else {
            throw call.unsupported("batches in another place are not known here")
        }
        let product = try call.add(
            MatMul(transposeA: call.flag("transA"), transposeB: call.flag("transB")), call.operand(0), call.operand(1))
        return [try scaled(product, call.real("alpha", 1), call)]
    }

    /// Einstein's convention.
    static func einsum(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard let equation = try call.attributes.text("equation") else { throw .unreadable("has no equation") }
        return try call.addAll(Einsum(equation: equation), call.operands)
    }

    private static func scaled(_ value: ValueID, _ factor: Double, _ call: ONNXCall) throws(AssayError) -> ValueID {
        factor == 1 ? value : try call.add(Binary(.multiply), value, call.scalar(factor, like: value))
    }

    /// The activation that ONNX Runtime fuses into a node, where there is one.
    static func fusedActivation(_ call: ONNXCall, _ value: ValueID) throws(AssayError) -> ValueID {
        guard let name = try call.attributes.text("activation"), !name.isEmpty else { return value }
        let parameters = try call.attributes.reals("activation_params") ?? []
        let given = try call.attributes.real("activation_alpha")
        let alpha = parameters.first ?? given
        switch name {
        case "Relu": return try call.add(Activation(.relu()), value)
        case "Tanh": return try call.add(Activation(.tanh), value)
        case "Sigmoid": return try call.add(Activation(.sigmoid), value)
        case "LeakyRelu": return try call.add(Activation(.leakyRelu(slope: alpha ?? 0.01)), value)
        case "Clip" where parameters.count == 2:
            return try call.add(Clip(minimum: parameters[0], maximum: parameters[1]), value)
        case "HardSigmoid" where parameters.count == 2:
            return try call.add(Activation(.hardSigmoid(slope: parameters[0], offset: parameters[1])), value)
        default: throw call.unsupported("the activation '\(name)' is not known here")
        }
    }
}
