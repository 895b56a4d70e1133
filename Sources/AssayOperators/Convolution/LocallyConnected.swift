// LocallyConnected: a convolution whose kernel is another one at every position.

import AssayGraph
import AssayTensors

/// The product of each window with a matrix of its own.
///
/// Operands: x `[batch, spatial…, in]`, kernel `[windows, window · in, out]`: the windows in row-major order, the elements of
/// a window in row-major order with the channels last; bias `[windows…, out]` or none. Result: `[batch, windows…, out]`.
public struct LocallyConnected: Operator {
    /// The name in the JSON form.
    public static let name = "LocallyConnected"
    /// The formula.
    public static let formula = "y[p, j] = Σₜ Σᵢ x[p · stride + t, i] · W[p, (t, i), j] + b[p, j]"
    /// The extents of a window.
    public var window: [Int]
    /// From one window to the next, for each spatial axis.
    public var strides: [Int]

    /// A locally connected layer; the arrays have one entry for each spatial axis.
    public init(window: [Int], strides: [Int]) {
        self.window = window
        self.strides = strides
    }

    /// Sums over window and channels.
    public var exactness: Exactness { .accumulating }

    private var windows: SlidingWindows {
        SlidingWindows(strides: strides, dilations: window.map { _ in 1 }, padding: .valid)
    }
    private var order: ChannelOrder { ChannelOrder(channelsFirst: false) }

    /// The shape of x with the windows as spatial axes and the kernel's last axis as channels.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        let kernel = try requireReal(operands, 1, "the kernel")
        guard (1...3).contains(window.count),
            window.allSatisfy({ (1...SlidingWindows.greatestAttribute).contains($0) })
        else { throw mismatch("wrong window", expected: "one to three positive extents", found: "\(window)") }
        guard let weights = kernel.shape, weights.count == 3 else {
            throw mismatch("wrong kernel", expected: "three axes", found: kernel.shape?.text)
        }
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard shape.count == window.count + 2 else {
            throw mismatch("wrong input", expected: "\(window.count + 2) axes", found: shape.text)
        }
        let spatial = try slide(windows, over: order.spatial(shape), kernel: window.map { .known($0) })
        let depth = window.reduce(shape[shape.count - 1]) { $0 * .known($1) }
        let positions = spatial.reduce(.known(1)) { $0 * $1 }
        try requireWeight(kernel, [positions, depth, weights[2]], role: "kernel")
        try requireWeight(operands[optional: 2], spatial + [weights[2]], role: "bias")
        return [Fact(x.type, [shape[0]] + spatial + [weights[2]])]
    }

    /// One for each element of the kernel and item.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        guard operands.count > 1, let x = operands[0], let kernel = operands[1] else { return 0 }
        return (x.extents.first ?? 0).saturating(times: kernel.count)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (x, kernel) = (try given(operands, 0), try given(operands, 1))
        let taps = ReferenceWindows(windows, order, x: x, kernel: window)
        let width = x.shape[x.shape.count - 1]
        let counts = ReferenceTensor(.bool, zeros: taps.counts)
        let elements = ReferenceTensor(.bool, zeros: window)
        return [
            ReferenceTensor(x.type, [x.shape[0]] + taps.counts + [kernel.shape[2]]) { place in
                let (window, unit) = (order.spatial(place), place[place.count - 1])
                var sum = operands[optional: 2]?[window + [unit]] ?? 0
                taps.forEach(at: window) { tap, position in
                    for channel in 0..<width {
                        let row = elements.offset(tap) * width + channel
                        sum += x[[place[0]] + position + [channel]] * kernel[[counts.offset(window), row, unit]]
                    }
                }
                return sum
            }
        ]
    }

    /// One gathered window of all items for each thread.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        guard operands.count > 1, let x = operands[0], let kernel = operands[1], kernel.rank == 3 else { return 0 }
        return threads * (x.extents.first ?? 0) * kernel[1]
    }

    /// Window by window: all items at once, as one product.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, kernel, y) = (call.operand(0), call.operand(1), call.result())
        let run = LocallyConnectedRun<Scalar>(
            input: SpatialLayout(x.shape, channelsFirst: false), output: SpatialLayout(y.shape, channelsFirst: false),
            axes: windows.axes(input: order.spatial(x.shape), kernel: window), depth: kernel.shape[1], x: x.reals,
            kernel: kernel.reals, bias: call.optional(2).map { UnsafePointer($0.reals) }, y: y.reals,
            workspace: call.workspace)
        let threads = kernel.count * run.input.batch > 1 << 18 ? call.threads : .single
        threads.forEachWorker(run.output.positions) { worker, position in run.multiply(position, worker) }
    }
}

/// One fast evaluation.
private struct LocallyConnectedRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: positions are disjoint in the result.
    let input: SpatialLayout
    let output: SpatialLayout
    let axes: (WindowAxis, WindowAxis, WindowAxis)
    let depth: Int
    let x: UnsafePointer<Scalar>
    let kernel: UnsafePointer<Scalar>
    let bias: UnsafePointer<Scalar>?
    let y: UnsafeMutablePointer<Scalar>
    let workspace: UnsafeMutablePointer<Scalar>

    /// One position of all items.
    func multiply(_ position: Int, _ worker: Int) {
        let rows = workspace + worker * input.batch * depth
        let units = output.channels
        let target = y + position * units
        for item in 0..<input.batch {
            gather(x + item * input.itemStride, output.position(position), into: rows + item * depth)
            if let bias { (target + item * output.itemStride).update(from: bias + position * units, count: units) }
        }
        Scalar.matrixProduct(
            transposeA: false, transposeB: false, m: input.batch, n: units, k: depth, alpha: 1, rows, lda: depth,
            kernel + position * depth * units, ldb: units, beta: bias == nil ? 0 : 1, target, ldc: output.itemStride)
    }

    /// One window as a row.
    private func gather(
        _ source: UnsafePointer<Scalar>, _ place: (Int, Int, Int), into row: UnsafeMutablePointer<Scalar>
    ) {
        let start = (axes.0.start(place.0), axes.1.start(place.1), axes.2.start(place.2))
        let line = axes.2.kernel * input.channels
        for first in 0..<axes.0.kernel {
            for second in 0..<axes.1.kernel {
                (row + (first * axes.1.kernel + second) * line).update(
                    from: source + input.offset((start.0 + first, start.1 + second, start.2)), count: line)
            }
        }
    }
}
