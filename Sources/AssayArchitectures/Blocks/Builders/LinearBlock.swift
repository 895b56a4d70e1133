// Products with a kernel, plus a bias: nn.Linear, and GPT-2's Conv1D, which differ in how the kernel is stored.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x · W + b. Where the block has no bias of its own, a second operand is one.
enum LinearBlock: BlockBuilder {
    static let name = "linear"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let bias = try call.parameter("bias") ?? call.operand(ifGiven: 1)
        return [try call.add(Linear(), call.operand(0), call.parameter("kernel"), bias)]
    }
}

/// The same with the kernel stored `[in, out]`.
enum Conv1DBlock: BlockBuilder {
    static let name = "conv1d"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] { try LinearBlock.build(&call) }
}
