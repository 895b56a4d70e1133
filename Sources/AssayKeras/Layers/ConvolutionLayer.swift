// Conv1D, Conv2D, Conv3D.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = activation(x ∗ kernel + bias), in groups of channels.
struct ConvolutionLayer: KerasLayer {
    static let classNames = ["Conv1D", "Conv2D", "Conv3D"]

    private let arguments: ConvolutionArguments
    private let filters: Int
    private let groups: Int

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        arguments = try ConvolutionArguments(configuration)
        filters = try configuration.count("filters")
        groups = try configuration.count("groups", default: 1)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let channels = try arguments.layout.channels(of: x, in: call)
        let kernel = try call.weight(
            "kernel", arguments.kernel(channels / .known(groups), .known(filters)))
        let bias = arguments.usesBias ? try call.weight("bias", [.known(filters)]) : nil
        let convolution = Convolution(
            strides: arguments.strides, padding: arguments.padding, dilations: arguments.dilations, groups: groups,
            channelsFirst: arguments.layout.channelsFirst)
        return [try arguments.activation.apply(to: call.add(convolution, x, kernel, bias), in: call)]
    }
}
