// Products with a kernel, plus a bias: nn.Linear, and GPT-2's Conv1D, which differ in how the kernel is stored.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x · W + b.
enum LinearBlock: BlockBuilder {
    static let name = "linear"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        [try call.add(Linear(), call.operand(0), call.parameter("kernel"), call.parameter("bias"))]
    }
}

/// The same with the kernel stored `[in, out]`.
enum Conv1DBlock: BlockBuilder {
    static let name = "conv1d"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] { try LinearBlock.build(&call) }
}
