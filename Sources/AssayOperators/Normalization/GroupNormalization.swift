// GroupNormalization: mean zero and variance one over groups of channels of each example.

import AssayGraph
import AssayTensors

/// y = (x − mean) / √(variance + ε) · γ + β, mean and variance over each example's group of channels and all other axes
/// (Wu, He 2018). One channel a group is instance normalisation.
///
/// Operands: x `[batch, …]`, γ or none, β or none, both `[channels]`. Result: the shape of x.
public struct GroupNormalization: Operator {
    /// The name in the JSON form.
    public static let name = "GroupNormalization"
    /// The formula.
    public static let formula = "y[b, …] = (x[b, …] − mean of group) / √(variance of group + ε) · γ[c] + β[c]"
    /// How many groups there are; −1 for one a channel.
    public var groups: Int
    /// The axis of the channels.
    public var axis: Int
    /// What is added to the variance.
    public var epsilon: Double

    /// A normalisation of groups of channels along `axis`.
    public init(groups: Int, axis: Int, epsilon: Double) {
        self.groups = groups
        self.axis = axis
        self.epsilon = epsilon
    }

    /// Sums over a group.
    public var exactness: Exactness { .accumulating }

    /// As much as x where a group does not lie in one piece.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        guard let shape = results.first, shape.count > 0 else { return 0 }
        return lines(shape.extents).isContiguous ? 0 : shape.count
    }

    /// The lines of one group each, with the channels seen as `[groups, width]`.
    private func lines(_ shape: [Int]) -> MovedAxes {
        let axis = axis.axis(of: shape.count)
        var split = shape
        let count = groups == -1 ? shape[axis] : groups
        split.replaceSubrange(axis...axis, with: [count, shape[axis] / count])
        return MovedAxes(shape: split, axes: split.indices.filter { $0 != 0 && $0 != axis })
    }

    /// y · γ + β, channel by channel.
    private func scale<Scalar: FastScalar>(
        _ y: FastTensor<Scalar>, _ gamma: FastTensor<Scalar>?, _ beta: FastTensor<Scalar>?
    ) {
        guard gamma != nil || beta != nil else { return }
        let split = AxisSplit(y.shape, axis: axis.axis(of: y.rank))
        for outer in 0..<split.outer {
            for channel in 0..<split.extent {
                let row = y.reals + (outer * split.extent + channel) * split.inner
                let (factor, offset) = (gamma?.reals[channel] ?? 1, beta?.reals[channel] ?? 0)
                for index in 0..<split.inner { row[index] = row[index] * factor + offset }
            }
        }
    }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        if let shape = x.shape {
            let axis = try resolve(axis: axis, rank: shape.count)
            guard axis > 0 else { throw mismatch("the batch cannot be grouped") }
            try requireWeight(operands[optional: 1], [shape[axis]], role: "gamma")
            try requireWeight(operands[optional: 2], [shape[axis]], role: "beta")
            if let channels = shape[axis].value, groups != -1, groups <= 0 || channels % groups != 0 {
                throw mismatch("channels do not divide into groups", found: "\(channels) into \(groups)")
            }
        }
        return [real(like: x)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        var y = ReferenceTensor(type, zeros: shape)
        guard y.count > 0 else { return [y] }
        let axis = axis.axis(of: shape.count)
        // The channels seen as [groups, width]: a group is a line along all axes but the batch and the groups.
        var grouped = x
        let count = groups == -1 ? shape[axis] : groups
        grouped.shape.replaceSubrange(axis...axis, with: [count, shape[axis] / count])
        for line in grouped.lines(along: grouped.shape.indices.filter { $0 != 0 && $0 != axis }) {
            let count = Double(line.count)
            let mean = line.reduce(0) { $0 + x.values[$1] } / count
            let variance = line.reduce(0) { $0 + (x.values[$1] - mean) * (x.values[$1] - mean) } / count
            for offset in line {
                let channel = x.position(offset)[axis]
                let normal = (x.values[offset] - mean) / (variance + epsilon).squareRoot()
                let gamma = operands[optional: 1]?.values[channel] ?? 1
                y.values[offset] = normal * gamma + (operands[optional: 2]?.values[channel] ?? 0)
            }
        }
        return [y]
    }

    /// Group by group, in two passes, the sums in double; then γ and β channel by channel.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        guard y.count > 0 else { return }
        let epsilon = epsilon
        lines(y.shape).apply(from: x, to: y, workspace: call.workspace, threads: call.threads) { from, to, length in
            let mean = Scalar.rows.sum(from, length) / Double(length)
            let variance = Scalar.rows.sumOfSquares(from, mean, length) / Double(length)
            Scalar.rows.normalize(from, mean, 1 / (variance + epsilon).squareRoot(), nil, nil, to, length)
        }
        scale(y, call.optional(1), call.optional(2))
    }
}
