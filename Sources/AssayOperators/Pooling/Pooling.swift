// Pooling: the maximum or mean of windows. Global pooling is a Reduce.

import AssayGraph
import AssayTensors

/// What a pooling makes of a window.
public enum PoolingKind: String, Sendable, Hashable, Codable {
    /// The greatest element.
    case max
    /// The mean.
    case average
}

/// The maximum or mean of each window of each channel.
///
/// Operand: x `[batch, spatial…, channels]` (`[batch, channels, spatial…]` when `channelsFirst`).
/// Result: `[batch, windows…, channels]`, ordered as x. Padding never wins a maximum, and is left out of a mean unless
/// `countsPadding`.
public struct Pooling: Operator {
    /// The name in the JSON form.
    public static let name = "Pooling"
    /// The formula.
    public static let formula = "y[p, i] = max or mean over t of x[p · stride + t − before, i]"
    /// What is made of a window.
    public var kind: PoolingKind
    /// The extents of a window, one for each spatial axis.
    public var size: [Int]
    /// From one window to the next, for each spatial axis.
    public var strides: [Int]
    /// What stands around the input.
    public var padding: ConvolutionPadding
    /// Whether channels stand before the spatial axes.
    public var channelsFirst: Bool
    /// Whether a mean divides by the whole window where it overlaps the padding.
    public var countsPadding: Bool
    /// From one element of a window to the next, for each spatial axis; neighbours where nil.
    public var dilations: [Int]?

    /// A pooling; the arrays have one entry for each spatial axis.
    public init(
        _ kind: PoolingKind, size: [Int], strides: [Int], padding: ConvolutionPadding, channelsFirst: Bool = false,
        countsPadding: Bool = false, dilations: [Int]? = nil
    ) {
        self.kind = kind
        self.size = size
        self.strides = strides
        self.padding = padding
        self.channelsFirst = channelsFirst
        self.countsPadding = countsPadding
        self.dilations = dilations.flatMap { $0.allSatisfy { $0 == 1 } ? nil : $0 }
    }

    /// A maximum moves elements; a mean is a sum.
    public var exactness: Exactness { kind == .max ? .exact : .accumulating }

    private var windows: SlidingWindows {
        SlidingWindows(strides: strides, dilations: dilations ?? size.map { _ in 1 }, padding: padding)
    }
    private var order: ChannelOrder { ChannelOrder(channelsFirst: channelsFirst) }

    /// The shape of x with the windows as spatial axes.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        guard (1...3).contains(size.count),
            size.allSatisfy({ (1...SlidingWindows.greatestAttribute).contains($0) })
        else { throw mismatch("wrong size", expected: "one to three positive extents", found: "\(size)") }
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard shape.count == size.count + 2 else {
            throw mismatch("wrong input", expected: "\(size.count + 2) axes", found: shape.text)
        }
        let spatial = try slide(windows, over: order.spatial(shape), kernel: size.map { .known($0) })
        return [Fact(x.type, order.shape(shape[0], spatial, shape[order.channelAxis(rank: shape.count)]))]
    }

    /// One for each result and element of the window.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        (results.first?.count ?? 0) * size.reduce(1, *)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let x = operands[0] else { throw mismatch("the input is missing") }
        let taps = ReferenceWindows(windows, order, x: x, kernel: size)
        let channelAxis = order.channelAxis(rank: x.shape.count)
        var y = ReferenceTensor(x.type, zeros: order.shape(x.shape[0], taps.counts, x.shape[channelAxis]))
        for index in 0..<y.count {
            let place = y.position(index)
            var elements: [Double] = []
            taps.forEach(at: order.spatial(place)) { _, position in
                elements.append(x.values[x.offset(order.shape(place[0], position, place[channelAxis]))])
            }
            switch kind {
            case .max: y.values[index] = elements.reduce(-.infinity) { $0.isNaN || $0 > $1 ? $0 : $1 }
            case .average:
                let divisor = countsPadding ? size.reduce(1, *) : elements.count
                y.values[index] = elements.reduce(0, +) / Double(divisor)
            }
        }
        return [y]
    }

    /// Directly: the channels of a window at once.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let run = PoolingRun<Scalar>(
            kind: kind, divisor: countsPadding ? size.reduce(1, *) : nil,
            input: SpatialLayout(x.shape, channelsFirst: channelsFirst),
            output: SpatialLayout(y.shape, channelsFirst: channelsFirst),
            axes: windows.axes(input: order.spatial(x.shape), kernel: size), x: x.reals, y: y.reals)
        let lines = run.output.batch * run.output.extents.0 * run.output.extents.1
        let threads = y.count * size.reduce(1, *) > 1 << 18 ? call.threads : .single
        threads.forEach(lines) { line in
            for window in 0..<run.output.extents.2 { run.pool(line, window) }
        }
    }
}

/// One fast evaluation.
private struct PoolingRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: lines write disjoint parts of the result.
    let kind: PoolingKind
    /// What a mean is divided by; nil for the elements inside the input.
    let divisor: Int?
    let input: SpatialLayout
    let output: SpatialLayout
    let axes: (WindowAxis, WindowAxis, WindowAxis)
    let x: UnsafePointer<Scalar>
    let y: UnsafeMutablePointer<Scalar>

    /// All channels of one window.
    func pool(_ line: Int, _ window: Int) {
        let lines = output.extents.0 * output.extents.1
        let place = (line % lines / output.extents.1, line % output.extents.1, window)
        let item = line / lines
        let target = y + item * output.itemStride + output.offset(place)
        let (taps0, taps1, taps2) = (axes.0.taps(place.0), axes.1.taps(place.1), axes.2.taps(place.2))
        let start = (axes.0.start(place.0), axes.1.start(place.1), axes.2.start(place.2))
        for channel in 0..<output.channels {
            target[channel * output.channelStride] = kind == .max ? -Scalar.infinity : 0
        }
        for tap0 in taps0 {
            for tap1 in taps1 {
                for tap2 in taps2 {
                    let source = input.offset(
                        (
                            start.0 + tap0 * axes.0.dilation, start.1 + tap1 * axes.1.dilation,
                            start.2 + tap2 * axes.2.dilation
                        ))
                    take(x + item * input.itemStride + source, target)
                }
            }
        }
        guard kind == .average else { return }
        let count = Scalar(divisor ?? taps0.count * taps1.count * taps2.count)
        for channel in 0..<output.channels { target[channel * output.channelStride] /= count }
    }

    /// One element of the window, for all channels.
    private func take(_ source: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>) {
        // The compiler makes vectors of the loop whose steps it knows to be one.
        if input.channelStride == 1 {
            combine(source, 1, target, 1)
        } else {
            combine(source, input.channelStride, target, output.channelStride)
        }
    }

    @inline(__always)
    private func combine(
        _ source: UnsafePointer<Scalar>, _ sourceStep: Int, _ target: UnsafeMutablePointer<Scalar>, _ targetStep: Int
    ) {
        switch kind {
        case .max:
            for channel in 0..<output.channels {
                let (old, new) = (target[channel * targetStep], source[channel * sourceStep])
                target[channel * targetStep] = old.isNaN || old > new ? old : new
            }
        case .average:
            for channel in 0..<output.channels { target[channel * targetStep] += source[channel * sourceStep] }
        }
    }
}
