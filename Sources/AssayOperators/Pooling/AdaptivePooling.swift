// AdaptivePooling: the maximum or mean of windows that cut the input into a given number of parts.

import AssayGraph
import AssayTensors

/// The maximum or mean of each part of the input, of which there are as many as are asked for.
///
/// Operand: x `[batch, spatial…, channels]` (`[batch, channels, spatial…]` when `channelsFirst`).
/// Result: the same with the spatial extents `size`. Where they do not divide the input, neighbouring parts overlap.
public struct AdaptivePooling: Operator {
    /// The name in the JSON form.
    public static let name = "AdaptivePooling"
    /// The formula.
    public static let formula = "y[p] = max or mean of x[⌊p · in / out⌋ ..< ⌈(p + 1) · in / out⌉]"
    /// What is made of a part.
    public var kind: PoolingKind
    /// How many parts there are along each spatial axis.
    public var size: [Int]
    /// Whether channels stand before the spatial axes.
    public var channelsFirst: Bool

    /// A pooling into `size` parts.
    public init(_ kind: PoolingKind, size: [Int], channelsFirst: Bool = false) {
        self.kind = kind
        self.size = size
        self.channelsFirst = channelsFirst
    }

    /// A maximum moves elements; a mean is a sum.
    public var exactness: Exactness { kind == .max ? .exact : .accumulating }

    private var order: ChannelOrder { ChannelOrder(channelsFirst: channelsFirst) }

    /// The shape of x with the parts as spatial axes.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        guard (1...3).contains(size.count),
            size.allSatisfy({ (1...SlidingWindows.greatestAttribute).contains($0) })
        else { throw mismatch("wrong size", expected: "one to three positive extents", found: "\(size)") }
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard shape.count == size.count + 2 else {
            throw mismatch("wrong input", expected: "\(size.count + 2) axes", found: shape.text)
        }
        guard !order.spatial(shape).contains(.known(0)) else {
            throw mismatch("an empty input has no parts", found: shape.text)
        }
        return [
            Fact(x.type, order.shape(shape[0], size.map { .known($0) }, shape[order.channelAxis(rank: shape.count)]))
        ]
    }

    /// One for each element of x, as good as.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { operands.first??.count ?? 0 }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let input = order.spatial(x.shape)
        let channelAxis = order.channelAxis(rank: x.shape.count)
        return [
            ReferenceTensor(x.type, order.shape(x.shape[0], size, x.shape[channelAxis])) { place in
                var positions: [[Int]] = [[]]
                for (axis, index) in order.spatial(place).enumerated() {
                    let share = Double(input[axis]) / Double(size[axis])
                    let inside = (0..<input[axis]).filter { element in
                        Double(element) + 1 > Double(index) * share + 1e-9
                            && Double(element) < Double(index + 1) * share - 1e-9
                    }
                    positions = positions.flatMap { position in inside.map { position + [$0] } }
                }
                let elements = positions.map { x[order.shape(place[0], $0, place[channelAxis])] }
                switch kind {
                case .max: return elements.reduce(-.infinity) { $0.isNaN || $0 > $1 ? $0 : $1 }
                case .average: return elements.reduce(0, +) / Double(elements.count)
                }
            }
        ]
    }

    /// Part by part, channel by channel.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let run = AdaptivePoolingRun<Scalar>(
            kind: kind, input: SpatialLayout(x.shape, channelsFirst: channelsFirst),
            output: SpatialLayout(y.shape, channelsFirst: channelsFirst), x: x.reals, y: y.reals)
        let threads = x.count > 1 << 16 ? call.threads : .single
        threads.forEach(run.output.batch * run.output.positions) { part in run.pool(part) }
    }
}

/// One fast evaluation.
private struct AdaptivePoolingRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: parts are disjoint in the result.
    let kind: PoolingKind
    let input: SpatialLayout
    let output: SpatialLayout
    let x: UnsafePointer<Scalar>
    let y: UnsafeMutablePointer<Scalar>

    /// All channels of one part.
    func pool(_ part: Int) {
        let (item, place) = (part / output.positions, output.position(part % output.positions))
        let rows0 = range(place.0, input.extents.0, output.extents.0)
        let rows1 = range(place.1, input.extents.1, output.extents.1)
        let rows2 = range(place.2, input.extents.2, output.extents.2)
        let count = Double(rows0.count * rows1.count * rows2.count)
        for channel in 0..<output.channels {
            var (most, sum) = (-Scalar.infinity, 0.0)
            let source = x + item * input.itemStride + channel * input.channelStride
            for first in rows0 {
                for second in rows1 {
                    for third in rows2 {
                        let value = source[input.offset((first, second, third))]
                        if kind == .average {
                            sum += Double(value)
                        } else if !(most > value), !most.isNaN {
                            most = value
                        }
                    }
                }
            }
            let target = y + item * output.itemStride + output.offset(place) + channel * output.channelStride
            target.pointee = kind == .max ? most : Scalar(sum / count)
        }
    }

    private func range(_ index: Int, _ input: Int, _ output: Int) -> Range<Int> {
        index * input / output..<((index + 1) * input + output - 1) / output
    }
}
