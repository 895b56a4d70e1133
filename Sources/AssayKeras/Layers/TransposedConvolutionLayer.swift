// Conv1DTranspose, Conv2DTranspose, Conv3DTranspose: convolutions that make inputs larger.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = activation(x spread by the strides ∗ kernel + bias).
struct TransposedConvolutionLayer: KerasLayer {
    static let classNames = ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"]

    private let arguments: ConvolutionArguments
    private let filters: Int
    private let outputPadding: [Int]?

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        arguments = try ConvolutionArguments(configuration)
        filters = try configuration.count("filters")
        outputPadding =
            configuration["output_padding"] == nil
            ? nil
            : try configuration.integers(
                "output_padding", count: arguments.layout.count, in: 0...KerasConfiguration.largestCount)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let channels = try arguments.layout.channels(of: x, in: call)
        let kernel = try call.weight("kernel", arguments.kernel(.known(filters), channels))
        let bias = arguments.usesBias ? try call.weight("bias", [.known(filters)]) : nil
        let convolution = TransposedConvolution(
            strides: arguments.strides, padding: arguments.padding, outputPadding: outputPadding,
            dilations: arguments.dilations, channelsFirst: arguments.layout.channelsFirst)
        return [try arguments.activation.apply(to: call.add(convolution, x, kernel, bias), in: call)]
    }
}
