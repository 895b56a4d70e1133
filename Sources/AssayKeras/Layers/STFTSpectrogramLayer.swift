// STFTSpectrogram: the spectrum of a signal in windows of time. Its transform is a convolution with kernels that are weights.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = magnitudes, powers, parts or phases of the windowed transform of each channel.
struct STFTSpectrogramLayer: KerasLayer {
    static let classNames = ["STFTSpectrogram"]

    /// What is given of the transform.
    private enum Mode: String {
        case log, magnitude, psd, real, imag, angle, stft
    }

    private let mode: Mode
    private let frameLength: Int
    private let frameStep: Int
    private let frequencies: Int
    private let padding: ConvolutionPadding
    private let expandsDimensions: Bool
    private let channelsFirst: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        guard let mode = Mode(rawValue: try configuration.string("mode", default: "log")) else {
            throw configuration.invalid("mode", expected: "a part of the transform")
        }
        self.mode = mode
        frameLength = try configuration.count("frame_length", default: 256)
        frameStep = try configuration.count("frame_step", default: max(1, frameLength / 2))
        var length = 1
        while length < frameLength { length *= 2 }
        frequencies = try configuration.count("fft_length", default: length) / 2 + 1
        padding = try configuration.windowPadding()
        expandsDimensions = try configuration.boolean("expand_dims", default: false)
        channelsFirst = try configuration.channelsFirst()
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let given = try call.input()
        guard try call.shape(of: given).count == 3 else { throw call.configuration.unsupported("takes three axes") }
        // The channels beside the batch, and every signal for itself.
        let signals = channelsFirst ? given : try call.add(Transpose(order: [0, 2, 1]), given)
        let single = try call.add(ExpandDims(axes: [-1]), call.joinedSteps(signals))
        let real = mode == .imag ? nil : try transform(single, "real_kernel", call)
        let imaginary = mode == .real ? nil : try transform(single, "imag_kernel", call)
        let result = try call.apartSteps(part(real, imaginary, call), as: signals)
        return [try arranged(result, call)]
    }

    private func transform(_ x: ValueID, _ role: String, _ call: KerasCall) throws(AssayError) -> ValueID {
        let kernel = try call.weight(role, [.known(frameLength), 1, .known(frequencies)])
        return try call.add(Convolution(strides: [frameStep], padding: padding, dilations: [1]), x, kernel)
    }

    /// `[signal, frame, frequency]`.
    private func part(_ real: ValueID?, _ imaginary: ValueID?, _ call: KerasCall) throws(AssayError) -> ValueID {
        guard let real, let imaginary else {
            guard let only = real ?? imaginary else { throw call.configuration.unsupported("has no part") }
            return only
        }
        if mode == .angle { return try call.add(Binary(.arctan2), imaginary, real) }
        if mode == .stft { return try call.add(Concatenate(axis: -1), real, imaginary) }
        let power = try call.add(
            Binary(.add), call.add(Unary(.square), real), call.add(Unary(.square), imaginary))
        if mode == .psd {
            // All frequencies but the first and the last stand for their negative as well.
            let inner = [Double](repeating: 2, count: max(0, frequencies - 2))
            return try call.add(
                Binary(.multiply), power, call.vector(Array(([1] + inner + [1]).suffix(frequencies)), like: power))
        }
        let floor = call.scalar(1e-7, like: power)
        let magnitude = try call.add(Unary(.sqrt), call.add(Binary(.maximum), power, floor))
        guard mode == .log else { return magnitude }
        return try call.add(Unary(.log), call.add(Binary(.maximum), magnitude, floor))
    }

    /// `[batch, channel, frame, frequency]` as the configuration wants it.
    private func arranged(_ x: ValueID, _ call: KerasCall) throws(AssayError) -> ValueID {
        if expandsDimensions { return channelsFirst ? x : try call.add(Transpose(order: [0, 2, 3, 1]), x) }
        if channelsFirst {
            let joined = try call.add(Transpose(order: [0, 1, 3, 2]), x)
            return try call.add(Reshape([.copied(axis: 0), .product(of: 1..<3), .copied(axis: 3)]), joined)
        }
        let joined = try call.add(Transpose(order: [0, 2, 1, 3]), x)
        return try call.add(Reshape([.copied(axis: 0), .copied(axis: 1), .product(of: 2..<4)]), joined)
    }
}
