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

/// The normalisation of T5 and Llama, without a mean and a shift; Gemma stores what the factors are beside 1.
enum RMSNormBlock: BlockBuilder {
    static let name = "rms_norm"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let operation = RMSNormalization(axes: [-1], epsilon: try call.number("epsilon"))
        guard var gamma = try call.parameter("gamma") else { throw .unreadable("the block rms_norm needs gamma") }
        if try call.flag("beside_one") { gamma = try call.add(Binary(.add), gamma, call.scalar(1, like: gamma)) }
        return [try call.add(operation, call.operand(0), gamma)]
    }
}
