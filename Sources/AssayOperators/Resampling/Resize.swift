// Resize: spatial axes stretched or shrunk.

import AssayGraph
import AssayTensors

/// How large the spatial axes become.
public enum ResizeTarget: Sendable, Hashable, Codable {
    /// Each extent times its factor.
    case factors([Int])
    /// These extents.
    case extents([Int])

    /// One number for each axis.
    var numbers: [Int] {
        switch self {
        case .factors(let numbers), .extents(let numbers): numbers
        }
    }
}

/// Spatial axes stretched or shrunk, as tf.image.resize and UpSampling of Keras do, one axis after the other.
///
/// Operand: x `[batch, spatial…, channels]` (`[batch, channels, spatial…]` when `channelsFirst`).
/// Result: the same with other spatial extents.
public struct Resize: Operator {
    /// The name in the JSON form.
    public static let name = "Resize"
    /// The formula.
    public static let formula = "y[p] = Σ k(s + ½ − (p + ½) · in / out) · x[s] / Σ k, k the method's kernel"
    /// How large the axes become.
    public var target: ResizeTarget
    /// How elements between those of the input are found.
    public var method: ResizeMethod
    /// Whether kernels are widened where an axis shrinks.
    public var antialias: Bool
    /// Whether channels stand before the spatial axes.
    public var channelsFirst: Bool

    /// A change of the spatial extents.
    public init(
        to target: ResizeTarget, method: ResizeMethod = .nearest, antialias: Bool = false, channelsFirst: Bool = false
    ) {
        self.target = target
        self.method = method
        self.antialias = antialias
        self.channelsFirst = channelsFirst
    }

    /// Moves elements, or takes weighted means.
    public var exactness: Exactness { method == .nearest ? .exact : .accumulating }

    private var order: ChannelOrder { ChannelOrder(channelsFirst: channelsFirst) }

    /// The shape of x with its spatial extents changed.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        let numbers = target.numbers
        guard (1...3).contains(numbers.count),
            numbers.allSatisfy({ (1...SlidingWindows.greatestAttribute).contains($0) })
        else { throw mismatch("wrong target", expected: "one to three positive numbers", found: "\(numbers)") }
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard shape.count == numbers.count + 2 else {
            throw mismatch("wrong input", expected: "\(numbers.count + 2) axes", found: shape.text)
        }
        let spatial: [Dimension] =
            switch target {
            case .factors(let factors): zip(order.spatial(shape), factors).map { $0 * .known($1) }
            case .extents(let extents): extents.map { .known($0) }
            }
        return [Fact(x.type, order.shape(shape[0], spatial, shape[order.channelAxis(rank: shape.count)]))]
    }

    /// The elements that each element of each spatial axis is made of.
    private func taps(_ input: [Int]) -> [[[ResizeTap]]] {
        zip(input, target.numbers).map { extent, number in
            let output = if case .factors = target { extent * number } else { number }
            return method.taps(input: extent, output: output, antialias: antialias)
        }
    }

    /// By the definition: all axes at once.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let taps = taps(order.spatial(x.shape))
        let channelAxis = order.channelAxis(rank: x.shape.count)
        let shape = order.shape(x.shape[0], taps.map(\.count), x.shape[channelAxis])
        return [
            ReferenceTensor(x.type, shape) { place in
                var terms: [(position: [Int], weight: Double)] = [([], 1)]
                for (axis, index) in order.spatial(place).enumerated() {
                    terms = terms.flatMap { term in
                        taps[axis][index].map { (term.position + [$0.index], term.weight * $0.weight) }
                    }
                }
                return terms.reduce(0) { sum, term in
                    sum + term.weight * x[order.shape(place[0], term.position, place[channelAxis])]
                }
            }
        ]
    }

    /// Line by line of the result: the channels of the elements that it is made of, weighted.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let own = taps(order.spatial(x.shape))
        let absent = [[ResizeTap(index: 0, weight: 1)]]
        let run = ResizeRun<Scalar>(
            input: SpatialLayout(x.shape, channelsFirst: channelsFirst),
            output: SpatialLayout(y.shape, channelsFirst: channelsFirst),
            taps: [[[ResizeTap]]](repeating: absent, count: 3 - own.count) + own, x: x.reals, y: y.reals)
        let lines = run.output.batch * run.output.extents.0 * run.output.extents.1
        let threads = y.count > 1 << 16 ? call.threads : .single
        threads.forEach(lines) { line in run.fill(line) }
    }
}

/// One fast evaluation.
private struct ResizeRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: lines write disjoint parts of the result.
    let input: SpatialLayout
    let output: SpatialLayout
    /// For three axes.
    let taps: [[[ResizeTap]]]
    let x: UnsafePointer<Scalar>
    let y: UnsafeMutablePointer<Scalar>

    /// One line along the last axis, all channels.
    func fill(_ line: Int) {
        let lines = output.extents.0 * output.extents.1
        let place = (line % lines / output.extents.1, line % output.extents.1)
        let source = x + line / lines * input.itemStride
        let target = y + line / lines * output.itemStride + output.offset((place.0, place.1, 0))
        for index in 0..<output.extents.2 {
            let position = target + index * output.positionStride
            for channel in 0..<output.channels { position[channel * output.channelStride] = 0 }
            for first in taps[0][place.0] {
                for second in taps[1][place.1] {
                    for third in taps[2][index] {
                        add(
                            source + input.offset((first.index, second.index, third.index)),
                            Scalar(first.weight * second.weight * third.weight), position)
                    }
                }
            }
        }
    }

    private func add(_ source: UnsafePointer<Scalar>, _ weight: Scalar, _ target: UnsafeMutablePointer<Scalar>) {
        let (from, to) = (input.channelStride, output.channelStride)
        for channel in 0..<output.channels { target[channel * to] += weight * source[channel * from] }
    }
}
