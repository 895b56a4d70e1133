// Normalisation over the last axis.

import AssayGraph
import AssayOperators
import AssayTensors

/// nn.LayerNorm.
enum LayerNormBlock: BlockBuilder {
    static let name = "layer_norm"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let operation = LayerNormalization(axes: [-1], epsilon: try call.number("epsilon"))
        return [try call.add(operation, call.operand(0), call.parameter("gamma"), call.parameter("beta"))]
    }
}

/// The normalisation of T5 and Llama, without a mean and a shift.
enum RMSNormBlock: BlockBuilder {
    static let name = "rms_norm"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let operation = RMSNormalization(axes: [-1], epsilon: try call.number("epsilon"))
        return [try call.add(operation, call.operand(0), call.parameter("gamma"))]
    }
}
