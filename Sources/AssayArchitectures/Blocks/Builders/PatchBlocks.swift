// Images as sequences of patches.

import AssayGraph
import AssayOperators
import AssayTensors

/// A convolution whose windows lie side by side: x `[batch, inputs, height, width]` gives
/// `[batch, units, height / rows, width / columns]`.
enum PatchConvolutionBlock: BlockBuilder {
    static let name = "patch_convolution"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let window = [try call.dimension("rows"), try call.dimension("columns")]
        guard window.allSatisfy({ $0 > 0 }) else {
            throw .unreadable("a patch has no pixels", found: window.map(String.init).joined(separator: " × "))
        }
        let convolution = Convolution(strides: window, padding: .valid, dilations: [1, 1], channelsFirst: true)
        return [try call.add(convolution, call.operand(0), call.parameter("kernel"), call.parameter("bias"))]
    }
}

/// `[batch, width, rows, columns]` as the sequence `[batch, rows * columns, width]`, row by row.
enum ImageToSequenceBlock: BlockBuilder {
    static let name = "image_to_sequence"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let flatten = Reshape([.copied(axis: 0), .copied(axis: 1), .product(of: 2..<4)])
        return [try call.add(Transpose(order: [0, 2, 1]), call.add(flatten, call.operand(0)))]
    }
}
