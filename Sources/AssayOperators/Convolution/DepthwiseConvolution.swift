// Depthwise convolution: each channel is convolved alone, with one or more kernels.

import AssayGraph
import AssayTensors

/// Depthwise convolution.
///
/// Operands: x `[batch, spatial…, in]` (`[batch, in, spatial…]` when `channelsFirst`), kernel
/// `[spatial…, in, multiplier]`, bias `[in · multiplier]` or none.
/// Result: `[batch, windows…, in · multiplier]`, ordered as x; channel i gives the results `i · multiplier + q`.
public struct DepthwiseConvolution: Operator {
    /// The name in the JSON form.
    public static let name = "DepthwiseConvolution"
    /// The formula.
    public static let formula = """
        y[p, i · m + q] = Σₜ x[p · stride + t · dilation − before, i] · W[t, i, q] + b[i · m + q]
        """
    /// From one window to the next, for each spatial axis.
    public var strides: [Int]
    /// What stands around the input.
    public var padding: ConvolutionPadding
    /// From one element of a window to the next, for each spatial axis.
    public var dilations: [Int]
    /// Whether channels stand before the spatial axes.
    public var channelsFirst: Bool

    /// A depthwise convolution; the arrays have one entry for each spatial axis.
    public init(strides: [Int], padding: ConvolutionPadding, dilations: [Int], channelsFirst: Bool = false) {
        self.strides = strides
        self.padding = padding
        self.dilations = dilations
        self.channelsFirst = channelsFirst
    }

    /// Sums over the window.
    public var exactness: Exactness { .accumulating }

    private var windows: SlidingWindows {
        SlidingWindows(strides: strides, dilations: dilations, padding: padding)
    }
    private var order: ChannelOrder { ChannelOrder(channelsFirst: channelsFirst) }

    /// The shape of x with the windows as spatial axes, and the kernel's last two axes as channels.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        let kernel = try requireReal(operands, 1, "the kernel")
        guard let weights = kernel.shape, (3...5).contains(weights.count) else {
            throw mismatch("wrong kernel", expected: "three to five axes", found: kernel.shape?.text)
        }
        let width = weights[weights.count - 2]
        let units = width * weights[weights.count - 1]
        try check(operands, 2, "bias", [units])
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard shape.count == weights.count, shape[order.channelAxis(rank: shape.count)].isCompatible(with: width)
        else {
            throw mismatch("wrong input", expected: "\(weights.count) axes, \(width) channels", found: shape.text)
        }
        let spatial = try slide(windows, over: order.spatial(shape), kernel: Array(weights.dropLast(2)))
        return [Fact(x.type, order.shape(shape[0], spatial, units))]
    }

    /// One for each result and element of the window.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        guard operands.count > 1, let kernel = operands[1], let result = results.first else { return 0 }
        return result.count * kernel.extents.dropLast(2).reduce(1, *)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let x = operands[0], let kernel = operands[1], let multiplier = kernel.shape.last else {
            throw mismatch("an operand is missing")
        }
        let bias = operands[optional: 2]
        let taps = ReferenceWindows(windows, order, x: x, kernel: Array(kernel.shape.dropLast(2)))
        let units = kernel.shape[kernel.shape.count - 2] * multiplier
        var y = ReferenceTensor(x.type, zeros: order.shape(x.shape[0], taps.counts, units))
        for index in 0..<y.count {
            let place = y.position(index)
            let unit = place[order.channelAxis(rank: place.count)]
            var sum = bias?.values[unit] ?? 0
            taps.forEach(at: order.spatial(place)) { tap, position in
                let element = x.offset(order.shape(place[0], position, unit / multiplier))
                let weight = kernel.offset(tap + [unit / multiplier, unit % multiplier])
                sum += x.values[element] * kernel.values[weight]
            }
            y.values[index] = sum
        }
        return [y]
    }

    /// Directly: the channels of a position at once, or, channels first, the positions of a channel.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, kernel, y) = (call.operand(0), call.operand(1), call.result())
        let run = DepthwiseRun<Scalar>(
            input: SpatialLayout(x.shape, channelsFirst: channelsFirst),
            output: SpatialLayout(y.shape, channelsFirst: channelsFirst),
            axes: windows.axes(input: order.spatial(x.shape), kernel: Array(kernel.shape.dropLast(2))),
            multiplier: kernel.shape[kernel.rank - 1], x: x.reals, kernel: kernel.reals,
            bias: call.optional(2).map { UnsafePointer($0.reals) }, y: y.reals)
        let lines = run.output.batch * run.output.extents.0 * run.output.extents.1
        let work = y.count * kernel.shape.dropLast(2).reduce(1, *)
        let threads = work > 1 << 18 ? call.threads : .single
        threads.forEach(lines) { line in
            for window in 0..<run.output.extents.2 { run.convolve(line, window) }
        }
    }
}

/// One fast evaluation.
private struct DepthwiseRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: lines write disjoint parts of the result.
    let input: SpatialLayout
    let output: SpatialLayout
    let axes: (WindowAxis, WindowAxis, WindowAxis)
    let multiplier: Int
    let x: UnsafePointer<Scalar>
    let kernel: UnsafePointer<Scalar>
    let bias: UnsafePointer<Scalar>?
    let y: UnsafeMutablePointer<Scalar>

    /// All channels of one window.
    func convolve(_ line: Int, _ window: Int) {
        let lines = output.extents.0 * output.extents.1
        let place = (line % lines / output.extents.1, line % output.extents.1, window)
        let item = line / lines
        let target = y + item * output.itemStride + output.offset(place)
        for unit in 0..<output.channels { target[unit * output.channelStride] = bias?[unit] ?? 0 }
        let (axis0, axis1, axis2) = axes
        for tap0 in axis0.taps(place.0) {
            for tap1 in axis1.taps(place.1) {
                for tap2 in axis2.taps(place.2) {
                    let source = input.offset(
                        (
                            axis0.start(place.0) + tap0 * axis0.dilation,
                            axis1.start(place.1) + tap1 * axis1.dilation, axis2.start(place.2) + tap2 * axis2.dilation
                        ))
                    let tap = (tap0 * axis1.kernel + tap1) * axis2.kernel + tap2
                    add(x + item * input.itemStride + source, kernel + tap * output.channels, target)
                }
            }
        }
    }

    /// One tap of all channels.
    private func add(
        _ source: UnsafePointer<Scalar>, _ weights: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>
    ) {
        if multiplier == 1, input.channelStride == 1 {
            for channel in 0..<input.channels { target[channel] += source[channel] * weights[channel] }
            return
        }
        for channel in 0..<input.channels {
            let value = source[channel * input.channelStride]
            for copy in 0..<multiplier {
                let unit = channel * multiplier + copy
                target[unit * output.channelStride] += value * weights[unit]
            }
        }
    }
}
