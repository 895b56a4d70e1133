// SeparableConv1D and SeparableConv2D: a depthwise convolution, then one over channels alone.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = activation((each channel of x ∗ its kernels) · pointwise kernel + bias).
struct SeparableConvolutionLayer: KerasLayer {
    static let classNames = ["SeparableConv1D", "SeparableConv2D"]

    private let arguments: ConvolutionArguments
    private let filters: Int
    private let multiplier: Int

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        arguments = try ConvolutionArguments(configuration)
        filters = try configuration.count("filters")
        multiplier = try configuration.count("depth_multiplier", default: 1)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let layout = arguments.layout
        let channels = try layout.channels(of: x, in: call)
        let depthwise = try call.weight("depthwise_kernel", arguments.kernel(channels, .known(multiplier)))
        let ones = Array(repeating: 1, count: layout.count)
        let pointwise = try call.weight(
            "pointwise_kernel", ones.map { .known($0) } + [channels * .known(multiplier), .known(filters)])
        let bias = arguments.usesBias ? try call.weight("bias", [.known(filters)]) : nil
        let spread = try call.add(
            DepthwiseConvolution(
                strides: arguments.strides, padding: arguments.padding, dilations: arguments.dilations,
                channelsFirst: layout.channelsFirst), x, depthwise)
        let mix = Convolution(
            strides: ones, padding: .valid, dilations: ones, channelsFirst: layout.channelsFirst)
        return [try arguments.activation.apply(to: call.add(mix, spread, pointwise, bias), in: call)]
    }
}
