// Softmax over one or several axes, with an optional mask.

import AssayGraph
import AssayTensors
import Glibc

/// y = exp(x − max x) / Σ exp(x − max x) over the axes. Scores whose mask is false are replaced by −10⁹ first, so that
/// a row with every score masked is uniform in every precision; with `zeroesHiddenRows` it is zero.
///
/// Operands: x, mask (booleans that broadcast to x) or none. Result: the shape of x.
public struct Softmax: Operator {
    /// The name in the JSON form.
    public static let name = "Softmax"
    /// The formula.
    public static let formula = "y[…] = exp(s[…] − max s) / Σ exp(s − max s), s = mask ? x : −10⁹"
    /// The axes that are summed over.
    public var axes: [Int]
    /// Whether a row with every score masked is zero.
    public var zeroesHiddenRows: Bool
    /// What stands for a masked score.
    public static let maskedScore = -1e9

    /// Softmax over `axes`.
    public init(axes: [Int], zeroesHiddenRows: Bool = false) {
        self.axes = axes
        self.zeroesHiddenRows = zeroesHiddenRows
    }

    /// Sums of exponentials.
    public var exactness: Exactness { .accumulating }

    /// About five operations an element.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 5 * (results.first?.count ?? 0) }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the scores")
        if let rank = x.rank { _ = try resolve(axes: axes, rank: rank) }
        try requireBroadcast(operands[optional: 1], to: x.shape, role: "mask")
        return [real(like: x)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        var y = try given(operands, 0)
        y.type = type
        if let mask = operands[optional: 1] {
            y = ReferenceTensor(type, shape) { position in
                mask.broadcast(position) == 0 ? Softmax.maskedScore : y[position]
            }
        }
        for line in y.lines(along: axes) {
            let greatest = line.reduce(-Double.infinity) { max($0, y.values[$1]) }
            let sum = line.reduce(0) { $0 + exp(y.values[$1] - greatest) }
            let isHidden = zeroesHiddenRows && greatest == Softmax.maskedScore
            for offset in line { y.values[offset] = isHidden ? 0 : exp(y.values[offset] - greatest) / sum }
        }
        return [y]
    }

    /// As much as x where the axes are not the last ones.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        MovedAxes.workspaceCount(results.first, axes: axes)
    }

    /// The input.
    public func canOverwrite(operand: Int) -> Bool { operand == 0 }

    /// Row by row where the axes are the last ones; other axes are moved to the end and back.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        guard y.count > 0 else { return }
        var scores = x.reals(orInto: y)
        if let mask = call.optional(1) {
            if scores.start != y.start { y.copy(y.count, from: scores) }
            scores = y
            replaceMasked(y, mask, call.threads)
        }
        call.forEachLine(of: scores, along: axes) { from, to, length in
            if zeroesHiddenRows, isHidden(from, length) {
                to.update(repeating: 0, count: length)
            } else {
                Scalar.rows.softmax(from, to, length)
            }
        }
    }

    private func isHidden<Scalar: FastScalar>(_ row: UnsafePointer<Scalar>, _ length: Int) -> Bool {
        let masked = Scalar(Softmax.maskedScore)
        return UnsafeBufferPointer(start: row, count: length).allSatisfy { $0 == masked }
    }

    private func replaceMasked<Scalar: FastScalar>(
        _ y: FastTensor<Scalar>, _ mask: FastTensor<Scalar>, _ threads: ThreadPool
    ) {
        let loop = BroadcastLoop(result: y.shape, operands: [mask.shape])
        let step = loop.steps[0]
        let masked = Scalar(Softmax.maskedScore)
        loop.forEachRow(threads) { result, offsets, count in
            for index in 0..<count where mask.bit(offsets[0] &+ index &* step) == 0 { y.reals[result + index] = masked }
        }
    }
}
