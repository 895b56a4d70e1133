// PoolingPlaces: where the maximum of each window stands.

import AssayGraph
import AssayTensors

/// The place of the greatest element of each window of each channel: its number among all elements of x, the first of
/// equal ones.
///
/// Operand: x `[batch, channels, spatial…]`. Result: 64-bit integers `[batch, channels, windows…]`.
public struct PoolingPlaces: Operator {
    /// The name in the JSON form.
    public static let name = "PoolingPlaces"
    /// The formula.
    public static let formula = "y[p, i] = offset in x of max over t of x[p · stride + t · dilation − before, i]"
    /// The extents of a window, one for each spatial axis.
    public var size: [Int]
    /// From one window to the next, for each spatial axis.
    public var strides: [Int]
    /// From one element of a window to the next, for each spatial axis.
    public var dilations: [Int]
    /// What stands around the input; it never wins.
    public var padding: ConvolutionPadding
    /// Whether elements of a channel are counted along its first spatial axis first.
    public var columnMajor: Bool

    /// The places of maxima; the arrays have one entry for each spatial axis.
    public init(size: [Int], strides: [Int], dilations: [Int], padding: ConvolutionPadding, columnMajor: Bool = false) {
        self.size = size
        self.strides = strides
        self.dilations = dilations
        self.padding = padding
        self.columnMajor = columnMajor
    }

    /// Comparisons.
    public var exactness: Exactness { .exact }

    private var windows: SlidingWindows { SlidingWindows(strides: strides, dilations: dilations, padding: padding) }
    private var order: ChannelOrder { ChannelOrder(channelsFirst: true) }

    /// As `Pooling`, with integers.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let pooling = Pooling(
            .max, size: size, strides: strides, padding: padding, channelsFirst: true, dilations: dilations)
        return [Fact(.i64, try pooling.infer(operands)[0].shape)]
    }

    /// One for each result and element of the window.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        (results.first?.count ?? 0) * size.reduce(1, *)
    }

    /// The number of an element of a channel.
    private func number(_ position: [Int], in extents: [Int]) -> Int {
        let axes = columnMajor ? Array(extents.indices.reversed()) : Array(extents.indices)
        return axes.reduce(0) { $0 * extents[$1] + position[$1] }
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let taps = ReferenceWindows(windows, order, x: x, kernel: size)
        let extents = Array(x.shape.dropFirst(2))
        let channelCount = extents.reduce(1, *)
        return [
            ReferenceTensor(.i64, order.shape(x.shape[0], taps.counts, x.shape[1])) { place in
                var best: (value: Double, number: Int)?
                taps.forEach(at: Array(place[2...])) { _, position in
                    let value = x[[place[0], place[1]] + position]
                    if best.map({ value > $0.value || value.isNaN && !$0.value.isNaN }) ?? true {
                        best = (value, number(position, in: extents))
                    }
                }
                return Double((place[0] * x.shape[1] + place[1]) * channelCount + (best?.number ?? 0))
            }
        ]
    }

    /// Window by window, along the three axes that a layout has.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let extents = Array(x.shape.dropFirst(2))
        let axes = windows.axes(input: extents, kernel: size)
        let all = [axes.0, axes.1, axes.2]
        let deep = [Int](repeating: 1, count: 3 - extents.count) + extents
        let grid = [Int](repeating: 1, count: 3 - extents.count) + Array(y.shape.dropFirst(2))
        let (channelCount, windowCount) = (deep.reduce(1, *), grid.reduce(1, *))
        guard windowCount > 0 else { return }
        for result in 0..<y.count {
            let window = result % windowCount
            let place = [window / (grid[1] * grid[2]), window / grid[2] % grid[1], window % grid[2]]
            let taps = (0..<3).map { axis in
                all[axis].taps(place[axis]).map { all[axis].start(place[axis]) + $0 * all[axis].dilation }
            }
            let start = result / windowCount * channelCount
            var (best, number) = (-Scalar.infinity, -1)
            for first in taps[0] {
                for second in taps[1] {
                    for third in taps[2] {
                        let value = x.reals[start + (first * deep[1] + second) * deep[2] + third]
                        guard number < 0 || value > best || value.isNaN && !best.isNaN else { continue }
                        best = value
                        number = self.number([first, second, third], in: deep)
                    }
                }
            }
            y.integers[result] = Int64(start + max(number, 0))
        }
    }
}
