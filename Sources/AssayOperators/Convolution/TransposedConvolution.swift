// Transposed convolution: each input element adds a scaled kernel to the result.

import AssayGraph
import AssayTensors

/// Transposed convolution, the gradient of a convolution with respect to its input.
///
/// Operands: x `[batch, spatial…, in]` (`[batch, in, spatial…]` when `channelsFirst`), kernel
/// `[spatial…, out / groups, in]`, bias `[out]` or none. Result: `[batch, spatial…, out]`, ordered as x.
/// Along an axis, the result has, with reach = (kernel − 1) · dilation + 1,
/// - `valid`: in · stride + max(reach − stride, 0);
/// - `same`: in · stride;
/// - with `outputPadding`, or explicit padding: (in − 1) · stride + reach − padding + outputPadding, where `same` stands
///   for a padding of 2 · ⌊reach / 2⌋.
public struct TransposedConvolution: Operator {
    /// The name in the JSON form.
    public static let name = "TransposedConvolution"
    /// The formula.
    public static let formula = "y[p · stride + t · dilation − before, j] = Σₚₜ Σᵢ x[p, i] · W[t, j, i] + b[j]"
    /// From one input element to the next in the result, for each spatial axis.
    public var strides: [Int]
    /// What is cut off around the result.
    public var padding: ConvolutionPadding
    /// Elements added at the end of each axis of the result; nil for the frameworks' rule.
    public var outputPadding: [Int]?
    /// From one element of the kernel to the next, for each spatial axis.
    public var dilations: [Int]
    /// Groups of channels that do not see each other.
    public var groups: Int
    /// Whether channels stand before the spatial axes.
    public var channelsFirst: Bool

    /// A transposed convolution; the arrays have one entry for each spatial axis.
    public init(
        strides: [Int], padding: ConvolutionPadding, outputPadding: [Int]? = nil, dilations: [Int], groups: Int = 1,
        channelsFirst: Bool = false
    ) {
        self.strides = strides
        self.padding = padding
        self.outputPadding = outputPadding
        self.dilations = dilations
        self.groups = groups
        self.channelsFirst = channelsFirst
    }

    /// Sums over window and channels.
    public var exactness: Exactness { .accumulating }

    private var order: ChannelOrder { ChannelOrder(channelsFirst: channelsFirst) }

    /// The shape of x, its spatial axes stretched, with the kernel's units as channels.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        let kernel = try requireReal(operands, 1, "the kernel")
        guard let weights = kernel.shape, (3...5).contains(weights.count) else {
            throw mismatch("wrong kernel", expected: "three to five axes", found: kernel.shape?.text)
        }
        let width = weights[weights.count - 1]
        guard (1...1 << 24).contains(groups), width.value.map({ $0 % groups == 0 }) ?? true else {
            throw mismatch("wrong number of groups", expected: "a divisor of \(width)", found: "\(groups)")
        }
        let units = weights[weights.count - 2] * .known(groups)
        try check(operands, 2, "bias", [units])
        try checkAttributes(axes: weights.count - 2)
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard shape.count == weights.count, shape[order.channelAxis(rank: shape.count)].isCompatible(with: width)
        else {
            throw mismatch("wrong input", expected: "\(weights.count) axes, \(width) channels", found: shape.text)
        }
        let spatial = order.spatial(shape).enumerated().map { extent(axis: $0, input: $1, kernel: weights[$0]) }
        return [Fact(x.type, order.shape(shape[0], spatial, units))]
    }

    private func checkAttributes(axes: Int) throws(AssayError) {
        let windows = SlidingWindows(strides: strides, dilations: dilations, padding: padding)
        if let fault = windows.fault(axes: axes) {
            throw mismatch("wrong attributes for \(axes) spatial axes", found: fault)
        }
        if case .causal = padding { throw mismatch("causal padding is not defined here") }
        guard let outputPadding else { return }
        guard outputPadding.count == axes,
            outputPadding.allSatisfy({ (0...SlidingWindows.greatestAttribute).contains($0) })
        else { throw mismatch("wrong output padding for \(axes) spatial axes", found: "\(outputPadding)") }
    }

    /// The extent of the result along an axis.
    private func extent(axis: Int, input: Dimension, kernel: Dimension) -> Dimension {
        let stride = Dimension.known(strides[axis])
        let reach = (kernel - 1) * .known(dilations[axis]) + 1
        let cut: Dimension
        switch padding {
        case .same where outputPadding == nil: return input * stride
        case .same: cut = reach / 2 * 2
        case .explicit(let amounts): cut = .known(amounts[axis][0] + amounts[axis][1])
        case .valid, .causal:
            if outputPadding == nil { return input * stride + (reach - stride) }
            cut = 0
        }
        return (input - 1) * stride + reach + .known(outputPadding?[axis] ?? 0) - cut
    }

    /// How many elements are cut off before an axis of the result. `same` cuts what is too much, the odd one at the end.
    private func before(axis: Int, input: Int, output: Int, kernel: Int) -> Int {
        switch padding {
        case .valid, .causal: return 0
        case .explicit(let amounts): return amounts[axis][0]
        case .same:
            let full = (input - 1) * strides[axis] + (kernel - 1) * dilations[axis] + 1
            return max(0, full - output) / 2
        }
    }

    /// One for each input element, element of the kernel and unit of the group.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        guard operands.count > 1, let x = operands[0], let kernel = operands[1], let width = kernel.extents.last,
            width > 0
        else { return 0 }
        return x.count * (kernel.count / width)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let x = operands[0], let kernel = operands[1] else { throw mismatch("an operand is missing") }
        let bias = operands[optional: 2]
        guard let fact = try infer(operands.map { $0.map { Fact($0.type, Shape($0.shape)) } }).first,
            let shape = fact.knownShape
        else { throw mismatch("the result has no extents") }
        var y = ReferenceTensor(x.type, zeros: shape.extents)
        let channelAxis = order.channelAxis(rank: x.shape.count)
        for index in 0..<y.count { y.values[index] = bias?.values[y.position(index)[channelAxis]] ?? 0 }
        let (input, output) = (order.spatial(x.shape), order.spatial(y.shape))
        let before = input.indices.map {
            self.before(axis: $0, input: input[$0], output: output[$0], kernel: kernel.shape[$0])
        }
        let (width, units) = (x.shape[channelAxis] / groups, kernel.shape[kernel.shape.count - 2])
        for weight in 0..<kernel.count {
            let tap = Array(kernel.position(weight).dropLast(2))
            let (unit, channel) = (weight / kernel.shape[kernel.shape.count - 1] % units, weight % x.shape[channelAxis])
            for index in 0..<x.count {
                let place = x.position(index)
                guard place[channelAxis] == channel else { continue }
                let target = order.spatial(place).enumerated().map { axis, position in
                    position * strides[axis] + tap[axis] * dilations[axis] - before[axis]
                }
                guard zip(target, output).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
                let offset = y.offset(order.shape(place[0], target, channel / width * units + unit))
                y.values[offset] += x.values[index] * kernel.values[weight]
            }
        }
        return [y]
    }

    /// The products of one tap with a block of positions, for each thread.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        threads * TransposedRun<Float>.blockRows * TransposedRun<Float>.blockUnits
    }

    /// For each tap, one product of a block of positions with a block of units, whose rows are added where they belong.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, kernel, y) = (call.operand(0), call.operand(1), call.result())
        let (input, output) = (order.spatial(x.shape), order.spatial(y.shape))
        let axes = input.indices.map { axis in
            WindowAxis(
                input: output[axis], kernel: kernel.shape[axis], stride: strides[axis], dilation: dilations[axis],
                before: before(axis: axis, input: input[axis], output: output[axis], kernel: kernel.shape[axis]))
        }
        let all = [.absent, .absent, .absent] + axes
        let run = TransposedRun<Scalar>(
            input: SpatialLayout(x.shape, channelsFirst: channelsFirst),
            output: SpatialLayout(y.shape, channelsFirst: channelsFirst),
            axes: (all[all.count - 3], all[all.count - 2], all[all.count - 1]), groups: groups,
            channelsFirst: channelsFirst, x: x.reals, kernel: kernel.reals,
            bias: call.optional(2).map { UnsafePointer($0.reals) }, y: y.reals, workspace: call.workspace)
        let work = x.count * kernel.shape.dropLast().reduce(1, *)
        let threads = work > 1 << 19 ? call.threads : .single
        threads.forEachWorker(run.blockCount) { worker, block in run.convolve(block, worker) }
    }
}

/// One fast evaluation. A block is a range of units of one group of one item.
private struct TransposedRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: blocks write disjoint parts of the result.
    let input: SpatialLayout
    let output: SpatialLayout
    /// The input's positions are windows over the result.
    let axes: (WindowAxis, WindowAxis, WindowAxis)
    let groups: Int
    let channelsFirst: Bool
    let x: UnsafePointer<Scalar>
    let kernel: UnsafePointer<Scalar>
    let bias: UnsafePointer<Scalar>?
    let y: UnsafeMutablePointer<Scalar>
    let workspace: UnsafeMutablePointer<Scalar>

    static var blockRows: Int { 256 }
    static var blockUnits: Int { 64 }

    private var units: Int { output.channels / groups }
    private var blocksPerGroup: Int { (units + Self.blockUnits - 1) / Self.blockUnits }
    var blockCount: Int { output.batch * groups * blocksPerGroup }

    /// The results of one block of units.
    func convolve(_ block: Int, _ worker: Int) {
        let item = block / (groups * blocksPerGroup)
        let group = block / blocksPerGroup % groups
        let first = block % blocksPerGroup * Self.blockUnits
        let count = min(Self.blockUnits, units - first)
        let target = y + item * output.itemStride + (group * units + first) * output.channelStride
        fill(target, count, firstUnit: group * units + first)
        let products = workspace + worker * Self.blockRows * Self.blockUnits
        for start in stride(from: 0, to: input.positions, by: Self.blockRows) {
            let rows = min(Self.blockRows, input.positions - start)
            for tap in 0..<axes.0.kernel * axes.1.kernel * axes.2.kernel {
                multiply(item, group, start, rows, tap * units + first, count, products)
                for row in 0..<rows { add(products + row * count, count, window: start + row, tap, target) }
            }
        }
    }

    private func fill(_ target: UnsafeMutablePointer<Scalar>, _ count: Int, firstUnit: Int) {
        for position in 0..<output.positions {
            for unit in 0..<count {
                target[position * output.positionStride + unit * output.channelStride] = bias?[firstUnit + unit] ?? 0
            }
        }
    }

    /// Positions times the kernel's rows from `kernelRow` on.
    private func multiply(
        _ item: Int, _ group: Int, _ start: Int, _ rows: Int, _ kernelRow: Int, _ count: Int,
        _ products: UnsafeMutablePointer<Scalar>
    ) {
        let width = input.channels / groups
        Scalar.matrixProduct(
            transposeA: channelsFirst, transposeB: true, m: rows, n: count, k: width, alpha: 1,
            x + item * input.itemStride + group * width * input.channelStride + start * input.positionStride,
            lda: channelsFirst ? input.positions : input.channels, kernel + kernelRow * input.channels + group * width,
            ldb: input.channels, beta: 0, products, ldc: count)
    }

    /// Adds the products of one position and tap to the place in the result that they belong to, if it is there.
    private func add(
        _ products: UnsafePointer<Scalar>, _ count: Int, window: Int, _ tap: Int,
        _ target: UnsafeMutablePointer<Scalar>
    ) {
        let place = input.position(window)
        let (axis0, axis1, axis2) = axes
        let position = (
            axis0.start(place.0) + tap / (axis1.kernel * axis2.kernel) * axis0.dilation,
            axis1.start(place.1) + tap / axis2.kernel % axis1.kernel * axis1.dilation,
            axis2.start(place.2) + tap % axis2.kernel * axis2.dilation
        )
        guard (0..<axis0.input).contains(position.0), (0..<axis1.input).contains(position.1),
            (0..<axis2.input).contains(position.2)
        else { return }
        let start = target + output.offset(position)
        for unit in 0..<count { start[unit * output.channelStride] += products[unit] }
    }
}
