// BatchNormalization at inference: by the stored mean and variance of each channel.

import AssayGraph
import AssayTensors

/// y = (x − mean) / √(variance + ε) · γ + β, channel by channel (Ioffe, Szegedy 2015).
///
/// Operands: x, γ or none, β or none, mean, variance, all but x of one extent, the channels. Result: the shape of x.
public struct BatchNormalization: Operator {
    /// The name in the JSON form.
    public static let name = "BatchNormalization"
    /// The formula.
    public static let formula = "y[…, c, …] = (x[…, c, …] − mean[c]) / √(variance[c] + ε) · γ[c] + β[c]"
    /// The axis of the channels.
    public var axis: Int
    /// What is added to the variance.
    public var epsilon: Double

    /// A normalisation of the channels along `axis`.
    public init(axis: Int, epsilon: Double) {
        self.axis = axis
        self.epsilon = epsilon
    }

    /// A few operations each.
    public var exactness: Exactness { .rounding }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        let mean = try require(operands, 3, "the mean")
        let variance = try require(operands, 4, "the variance")
        if let shape = x.shape {
            let channels = shape[try resolve(axis: axis, rank: shape.count)]
            try requireWeight(operands[1], [channels], role: "gamma")
            try requireWeight(operands[2], [channels], role: "beta")
            try requireWeight(mean, [channels], role: "mean")
            try requireWeight(variance, [channels], role: "variance")
        }
        return [real(like: x)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let mean = try given(operands, 3)
        let variance = try given(operands, 4)
        let axis = axis.axis(of: shape.count)
        return [
            ReferenceTensor(type, shape) { position in
                let channel = position[axis]
                let deviation = (variance.values[channel] + epsilon).squareRoot()
                let gamma = operands[1]?.values[channel] ?? 1
                let beta = operands[2]?.values[channel] ?? 0
                return (x[position] - mean.values[channel]) / deviation * gamma + beta
            }
        ]
    }

    /// A factor for each channel.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        operands.indices.contains(3) ? operands[3]?.count ?? 0 : 0
    }

    /// The input.
    public func canOverwrite(operand: Int) -> Bool { operand == 0 }

    /// (x − mean) · factor + β with one factor a channel, computed in double.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, mean, variance, y) = (call.operand(0), call.operand(3), call.operand(4), call.result())
        let (gamma, beta) = (call.optional(1), call.optional(2))
        let split = AxisSplit(y.shape, axis: axis.axis(of: y.rank))
        let factors = FastTensor<Scalar>(type: Scalar.elementType, shape: [split.extent], start: call.workspace)
        for channel in 0..<split.extent {
            let deviation = (Double(variance.reals[channel]) + epsilon).squareRoot()
            factors.reals[channel] = Scalar((gamma?.double(at: channel) ?? 1) / deviation)
        }
        let rowLength = split.inner == 1 ? split.extent : split.inner
        let rowCount = rowLength == 0 ? 0 : y.count / rowLength
        call.threads.forEachPart(rowCount, pieceCost: rowLength) { rows in
            for row in rows {
                let start = row * rowLength
                let step = split.inner == 1 ? 1 : 0
                let first = split.inner == 1 ? 0 : row % split.extent
                for index in 0..<rowLength {
                    let channel = first &+ index &* step
                    let value = x.storage == .real ? x.reals[start + index] : x.scalar(at: start + index)
                    y.reals[start + index] =
                        (value - mean.reals[channel]) * factors.reals[channel] + (beta?.reals[channel] ?? 0)
                }
            }
        }
    }
}
