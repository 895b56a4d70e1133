// DepthwiseConv1D and DepthwiseConv2D: each channel with kernels of its own.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = activation(each channel of x ∗ its kernels + bias).
struct DepthwiseConvolutionLayer: KerasLayer {
    static let classNames = ["DepthwiseConv1D", "DepthwiseConv2D"]

    private let arguments: ConvolutionArguments
    private let multiplier: Int

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        arguments = try ConvolutionArguments(configuration)
        multiplier = try configuration.count("depth_multiplier", default: 1)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let channels = try arguments.layout.channels(of: x, in: call)
        // Keras 2 calls it depthwise_kernel, Keras 3 kernel.
        let role = call.generation == .keras3 ? "kernel" : "depthwise_kernel"
        let kernel = try call.weight(role, arguments.kernel(channels, .known(multiplier)))
        let bias = arguments.usesBias ? try call.weight("bias", [channels * .known(multiplier)]) : nil
        let convolution = DepthwiseConvolution(
            strides: arguments.strides, padding: arguments.padding, dilations: arguments.dilations,
            channelsFirst: arguments.layout.channelsFirst)
        return [try arguments.activation.apply(to: call.add(convolution, x, kernel, bias), in: call)]
    }
}
