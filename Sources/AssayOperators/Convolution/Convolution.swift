// Convolution over one to three spatial axes, with groups.

import AssayGraph
import AssayTensors

/// The cross-correlation that neural networks call convolution.
///
/// Operands: x `[batch, spatial…, in]` (`[batch, in, spatial…]` when `channelsFirst`), kernel
/// `[spatial…, in / groups, out]`, bias `[out]` or none. Result: `[batch, windows…, out]`, ordered as x.
public struct Convolution: Operator {
    /// The name in the JSON form.
    public static let name = "Convolution"
    /// The formula.
    public static let formula = "y[p, j] = Σₜ Σᵢ x[p · stride + t · dilation − before, i] · W[t, i, j] + b[j]"
    /// From one window to the next, for each spatial axis.
    public var strides: [Int]
    /// What stands around the input.
    public var padding: ConvolutionPadding
    /// From one element of a window to the next, for each spatial axis.
    public var dilations: [Int]
    /// Groups of channels that do not see each other.
    public var groups: Int
    /// Whether channels stand before the spatial axes.
    public var channelsFirst: Bool

    /// A convolution; the arrays have one entry for each spatial axis.
    public init(
        strides: [Int], padding: ConvolutionPadding, dilations: [Int], groups: Int = 1, channelsFirst: Bool = false
    ) {
        self.strides = strides
        self.padding = padding
        self.dilations = dilations
        self.groups = groups
        self.channelsFirst = channelsFirst
    }

    /// Sums over window and channels.
    public var exactness: Exactness { .accumulating }

    private var windows: SlidingWindows {
        SlidingWindows(strides: strides, dilations: dilations, padding: padding)
    }
    private var order: ChannelOrder { ChannelOrder(channelsFirst: channelsFirst) }

    /// The shape of x with the windows as spatial axes and the kernel's last axis as channels.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        let kernel = try requireReal(operands, 1, "the kernel")
        guard let weights = kernel.shape, (3...5).contains(weights.count) else {
            throw mismatch("wrong kernel", expected: "three to five axes", found: kernel.shape?.text)
        }
        let (width, units) = (weights[weights.count - 2], weights[weights.count - 1])
        guard (1...1 << 24).contains(groups), units.value.map({ $0 % groups == 0 }) ?? true else {
            throw mismatch("wrong number of groups", expected: "a divisor of \(units)", found: "\(groups)")
        }
        try check(operands, 2, "bias", [units])
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        let channels = width * .known(groups)
        guard shape.count == weights.count,
            shape[order.channelAxis(rank: shape.count)].isCompatible(with: channels)
        else {
            throw mismatch(
                "wrong input", expected: "\(weights.count) axes, \(channels) channels", found: shape.text)
        }
        let spatial = try slide(windows, over: order.spatial(shape), kernel: Array(weights.dropLast(2)))
        return [Fact(x.type, order.shape(shape[0], spatial, units))]
    }

    /// One for each result, element of the window and channel of the group.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        guard operands.count > 1, let kernel = operands[1], let result = results.first,
            let units = kernel.extents.last, units > 0
        else { return 0 }
        return result.count * (kernel.count / units)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let x = operands[0], let kernel = operands[1] else { throw mismatch("an operand is missing") }
        let bias = operands[optional: 2]
        let taps = ReferenceWindows(windows, order, x: x, kernel: Array(kernel.shape.dropLast(2)))
        let (width, units) = (kernel.shape[kernel.shape.count - 2], kernel.shape[kernel.shape.count - 1])
        var y = ReferenceTensor(x.type, zeros: order.shape(x.shape[0], taps.counts, units))
        for index in 0..<y.count {
            let place = y.position(index)
            let unit = place[order.channelAxis(rank: place.count)]
            let firstChannel = unit / (units / groups) * width
            var sum = bias?.values[unit] ?? 0
            taps.forEach(at: order.spatial(place)) { tap, position in
                for channel in 0..<width {
                    let element = x.offset(order.shape(place[0], position, firstChannel + channel))
                    sum += x.values[element] * kernel.values[kernel.offset(tap + [channel, unit])]
                }
            }
            y.values[index] = sum
        }
        return [y]
    }

    /// The gathered windows of one block of positions for each thread.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        guard operands.count > 1, let x = operands[0], let kernel = operands[1], let y = results.first,
            x.rank == kernel.rank, y.rank == x.rank, windows.fault(axes: x.rank - 2) == nil
        else { return 0 }
        let plan = ConvolutionPlan(self, x: x.extents, kernel: kernel.extents, y: y.extents)
        return plan.isPointwise ? 0 : threads * plan.blockRows * plan.depth
    }

    /// The windows of a block of positions are gathered as rows of a matrix, which one product takes to the results.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, kernel, y) = (call.operand(0), call.operand(1), call.result())
        let run = ConvolutionRun<Scalar>(
            plan: ConvolutionPlan(self, x: x.shape, kernel: kernel.shape, y: y.shape), x: x.reals,
            kernel: kernel.reals, bias: call.optional(2).map { UnsafePointer($0.reals) }, y: y.reals,
            workspace: call.workspace)
        let work = y.count * run.plan.depth
        let threads = work > 1 << 19 ? call.threads : .single
        threads.forEachWorker(run.plan.blockCount) { worker, block in run.convolve(block, worker) }
    }

    fileprivate func windowAxes(x: [Int], kernel: [Int]) -> (WindowAxis, WindowAxis, WindowAxis) {
        windows.axes(input: order.spatial(x), kernel: Array(kernel.dropLast(2)))
    }
}

/// How one fast evaluation is cut into blocks, whatever the number of threads.
private struct ConvolutionPlan {
    let input: SpatialLayout
    let output: SpatialLayout
    let axes: (WindowAxis, WindowAxis, WindowAxis)
    let groups: Int
    let channelsFirst: Bool
    /// Input channels of one group.
    let width: Int
    let units: Int

    init(_ operation: Convolution, x: [Int], kernel: [Int], y: [Int]) {
        input = SpatialLayout(x, channelsFirst: operation.channelsFirst)
        output = SpatialLayout(y, channelsFirst: operation.channelsFirst)
        axes = operation.windowAxes(x: x, kernel: kernel)
        groups = operation.groups
        channelsFirst = operation.channelsFirst
        width = kernel[kernel.count - 2]
        units = kernel[kernel.count - 1]
    }

    /// Terms of one result.
    var depth: Int { axes.0.kernel * axes.1.kernel * axes.2.kernel * width }
    /// Positions of one block: few enough for their windows to stay in the cache.
    var blockRows: Int { max(1, min(output.positions, max(32, (1 << 16) / max(1, depth)))) }
    var blocksPerItem: Int { (output.positions + blockRows - 1) / blockRows }
    var blockCount: Int { output.batch * blocksPerItem }
    /// Whether every window is one element, so that the input is the matrix already.
    var isPointwise: Bool { axes.0.isPointwise && axes.1.isPointwise && axes.2.isPointwise }
}

/// One fast evaluation.
private struct ConvolutionRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: blocks write disjoint parts of the result.
    let plan: ConvolutionPlan
    let x: UnsafePointer<Scalar>
    let kernel: UnsafePointer<Scalar>
    let bias: UnsafePointer<Scalar>?
    let y: UnsafeMutablePointer<Scalar>
    let workspace: UnsafeMutablePointer<Scalar>

    /// The results of one block of positions.
    func convolve(_ block: Int, _ worker: Int) {
        let item = block / plan.blocksPerItem
        let first = block % plan.blocksPerItem * plan.blockRows
        let rows = min(plan.blockRows, plan.output.positions - first)
        let target = y + item * plan.output.itemStride + first * plan.output.positionStride
        if let bias { fill(target, rows, bias) }
        for group in 0..<plan.groups {
            let source = x + item * plan.input.itemStride + group * plan.width * plan.input.channelStride
            if plan.isPointwise {
                multiply(
                    source + first * plan.input.positionStride, isByChannel: plan.channelsFirst,
                    stride: plan.channelsFirst ? plan.input.positions : plan.input.channels, rows, group, target)
            } else {
                let columns = workspace + worker * plan.blockRows * plan.depth
                for row in 0..<rows { gather(source, window: first + row, into: columns + row * plan.depth) }
                multiply(columns, isByChannel: false, stride: plan.depth, rows, group, target)
            }
        }
    }

    private func fill(_ target: UnsafeMutablePointer<Scalar>, _ rows: Int, _ bias: UnsafePointer<Scalar>) {
        if plan.channelsFirst {
            for unit in 0..<plan.units {
                (target + unit * plan.output.positions).update(repeating: bias[unit], count: rows)
            }
        } else {
            for row in 0..<rows { (target + row * plan.units).update(from: bias, count: plan.units) }
        }
    }

    /// The product of gathered windows with a group's kernel, onto what `fill` left.
    private func multiply(
        _ windows: UnsafePointer<Scalar>, isByChannel: Bool, stride: Int, _ rows: Int, _ group: Int,
        _ target: UnsafeMutablePointer<Scalar>
    ) {
        let units = plan.units / plan.groups
        let weights = kernel + group * units
        let beta: Scalar = bias == nil ? 0 : 1
        if plan.channelsFirst {
            // yᵀ = kernelᵀ · windowsᵀ: channels are the rows of the result.
            Scalar.matrixProduct(
                transposeA: true, transposeB: !isByChannel, m: units, n: rows, k: plan.depth, alpha: 1, weights,
                lda: plan.units, windows, ldb: stride, beta: beta, target + group * units * plan.output.positions,
                ldc: plan.output.positions)
        } else {
            Scalar.matrixProduct(
                transposeA: false, transposeB: false, m: rows, n: units, k: plan.depth, alpha: 1, windows, lda: stride,
                weights, ldb: plan.units, beta: beta, target + group * units, ldc: plan.units)
        }
    }

    /// One window as a row: taps outside the input are zero.
    private func gather(
        _ source: UnsafePointer<Scalar>, window: Int, into row: UnsafeMutablePointer<Scalar>
    ) {
        let place = plan.output.position(window)
        let (axis0, axis1, axis2) = plan.axes
        let (taps0, taps1, taps2) = (axis0.taps(place.0), axis1.taps(place.1), axis2.taps(place.2))
        if taps0.count * taps1.count * taps2.count < axis0.kernel * axis1.kernel * axis2.kernel {
            row.update(repeating: 0, count: plan.depth)
        }
        for tap0 in taps0 {
            for tap1 in taps1 {
                let line = plan.input.offset(
                    (
                        axis0.start(place.0) + tap0 * axis0.dilation, axis1.start(place.1) + tap1 * axis1.dilation,
                        axis2.start(place.2) + taps2.lowerBound * axis2.dilation
                    ))
                let target = row + ((tap0 * axis1.kernel + tap1) * axis2.kernel + taps2.lowerBound) * plan.width
                gatherLine(source + line, taps2.count, target)
            }
        }
    }

    /// The taps of one line of a window, with their channels.
    private func gatherLine(
        _ source: UnsafePointer<Scalar>, _ taps: Int, _ target: UnsafeMutablePointer<Scalar>
    ) {
        let (width, channelStride) = (plan.width, plan.input.channelStride)
        let tapStride = plan.axes.2.dilation * plan.input.positionStride
        if tapStride == width, channelStride == 1 {
            target.update(from: source, count: taps * width)
            return
        }
        for tap in 0..<taps {
            let (from, to) = (source + tap * tapStride, target + tap * width)
            if channelStride == 1 {
                to.update(from: from, count: width)
            } else {
                for channel in 0..<width { to[channel] = from[channel * channelStride] }
            }
        }
    }
}
