// Upsample: spatial axes stretched by whole factors.

import AssayGraph
import AssayTensors

/// How elements between those of the input are found.
public enum UpsampleMode: String, Sendable, Hashable, Codable {
    /// Each element is repeated.
    case nearest
    /// Linear between the centres of elements, along every axis; constant beyond the outer ones.
    case bilinear
}

/// Spatial axes stretched by whole factors, as UpSampling of Keras does.
///
/// Operand: x `[batch, spatial…, channels]` (`[batch, channels, spatial…]` when `channelsFirst`).
/// Result: the same with each spatial extent times its factor.
public struct Upsample: Operator {
    /// The name in the JSON form.
    public static let name = "Upsample"
    /// The formula.
    public static let formula = "y[p] = x[⌊p / f⌋], or x interpolated linearly at (p + ½) / f − ½"
    /// The factor of each spatial axis.
    public var factors: [Int]
    /// How elements between those of the input are found.
    public var mode: UpsampleMode
    /// Whether channels stand before the spatial axes.
    public var channelsFirst: Bool

    /// An upsampling with one factor for each spatial axis.
    public init(factors: [Int], mode: UpsampleMode = .nearest, channelsFirst: Bool = false) {
        self.factors = factors
        self.mode = mode
        self.channelsFirst = channelsFirst
    }

    /// Moves elements, or takes means of neighbours.
    public var exactness: Exactness { mode == .nearest ? .exact : .rounding }

    private var order: ChannelOrder { ChannelOrder(channelsFirst: channelsFirst) }

    /// The shape of x with its spatial extents stretched.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        guard (1...3).contains(factors.count),
            factors.allSatisfy({ (1...SlidingWindows.greatestAttribute).contains($0) })
        else { throw mismatch("wrong factors", expected: "one to three positive factors", found: "\(factors)") }
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard shape.count == factors.count + 2 else {
            throw mismatch("wrong input", expected: "\(factors.count + 2) axes", found: shape.text)
        }
        let spatial = zip(order.spatial(shape), factors).map { $0 * .known($1) }
        return [Fact(x.type, order.shape(shape[0], spatial, shape[order.channelAxis(rank: shape.count)]))]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let input = order.spatial(x.shape)
        let channelAxis = order.channelAxis(rank: x.shape.count)
        let output = zip(input, factors).map { $0 * $1 }
        let shape = order.shape(x.shape[0], output, x.shape[channelAxis])
        return [
            ReferenceTensor(x.type, shape) { place in
                var terms: [(position: [Int], weight: Double)] = [([], 1)]
                for (axis, index) in order.spatial(place).enumerated() {
                    let near = neighbours(of: index, factor: factors[axis], extent: input[axis])
                    terms = terms.flatMap { term in
                        near.map { (term.position + [$0.index], term.weight * $0.weight) }
                    }
                }
                return terms.reduce(0) { sum, term in
                    sum + term.weight * x[order.shape(place[0], term.position, place[channelAxis])]
                }
            }
        ]
    }

    /// The input's elements along an axis that element `index` of the result is made of.
    private func neighbours(of index: Int, factor: Int, extent: Int) -> [(index: Int, weight: Double)] {
        if mode == .nearest { return [(index / factor, 1)] }
        let place = (Double(index) + 0.5) / Double(factor) - 0.5
        let lower = place.rounded(.down)
        let clamp = { (element: Double) in Int(max(0, min(element, Double(extent - 1)))) }
        return [(clamp(lower), 1 - (place - lower)), (clamp(lower + 1), place - lower)]
    }

    /// Line by line of the result: the neighbours' channels, weighted.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let run = UpsampleRun<Scalar>(
            input: SpatialLayout(x.shape, channelsFirst: channelsFirst),
            output: SpatialLayout(y.shape, channelsFirst: channelsFirst), isLinear: mode == .bilinear,
            factors: [Int](repeating: 1, count: 3 - factors.count) + factors, x: x.reals, y: y.reals)
        let lines = run.output.batch * run.output.extents.0 * run.output.extents.1
        let threads = y.count > 1 << 16 ? call.threads : .single
        threads.forEach(lines) { line in run.fill(line) }
    }
}

/// One fast evaluation.
private struct UpsampleRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: lines write disjoint parts of the result.
    let input: SpatialLayout
    let output: SpatialLayout
    let isLinear: Bool
    let factors: [Int]
    let x: UnsafePointer<Scalar>
    let y: UnsafeMutablePointer<Scalar>

    /// Two elements of an axis and the share of the second.
    private struct Pair {
        let first: Int
        let second: Int
        let share: Scalar

        var taps: [(index: Int, weight: Scalar)] {
            let whole = (index: first, weight: 1 - share)
            return share == 0 ? [whole] : [whole, (index: second, weight: share)]
        }
    }

    private func pair(_ index: Int, _ axis: Int, _ extent: Int) -> Pair {
        let factor = factors[axis]
        if !isLinear || factor == 1 { return Pair(first: index / factor, second: 0, share: 0) }
        // Twice the distance from the first element's centre, in parts of 1 / factor.
        let place = 2 * index + 1 - factor
        if place <= 0 { return Pair(first: 0, second: 0, share: 0) }
        let first = place / (2 * factor)
        if first >= extent - 1 { return Pair(first: extent - 1, second: 0, share: 0) }
        return Pair(first: first, second: first + 1, share: Scalar(place % (2 * factor)) / Scalar(2 * factor))
    }

    /// One line along the last axis, all channels.
    func fill(_ line: Int) {
        let lines = output.extents.0 * output.extents.1
        let place = (line % lines / output.extents.1, line % output.extents.1)
        let source = x + line / lines * input.itemStride
        let target = y + line / lines * output.itemStride + output.offset((place.0, place.1, 0))
        let outer = pair(place.0, 0, input.extents.0).taps
        let middle = pair(place.1, 1, input.extents.1).taps
        for index in 0..<output.extents.2 {
            let position = target + index * output.positionStride
            for channel in 0..<output.channels { position[channel * output.channelStride] = 0 }
            let inner = pair(index, 2, input.extents.2)
            for (first, outerWeight) in outer {
                for (second, middleWeight) in middle {
                    let weight = outerWeight * middleWeight
                    add(source + input.offset((first, second, inner.first)), weight * (1 - inner.share), position)
                    guard inner.share > 0 else { continue }
                    add(source + input.offset((first, second, inner.second)), weight * inner.share, position)
                }
            }
        }
    }

    private func add(_ source: UnsafePointer<Scalar>, _ weight: Scalar, _ target: UnsafeMutablePointer<Scalar>) {
        let (from, to) = (input.channelStride, output.channelStride)
        for channel in 0..<output.channels { target[channel * to] += weight * source[channel * from] }
    }
}
