// LayerNormalization: mean zero and variance one over some axes of each example.

import AssayGraph
import AssayTensors

/// y = (x − mean) / √(variance + ε) · γ + β, mean and variance over the axes (Ba, Kiros, Hinton 2016).
///
/// Operands: x, γ or none, β or none, both of the shape of the axes in ascending order. Result: the shape of x.
public struct LayerNormalization: Operator {
    /// The name in the JSON form.
    public static let name = "LayerNormalization"
    /// The formula.
    public static let formula = "y[…] = (x[…] − mean x) / √(mean (x − mean x)² + ε) · γ + β"
    /// The axes of one mean.
    public var axes: [Int]
    /// What is added to the variance.
    public var epsilon: Double

    /// A normalisation over `axes`.
    public init(axes: [Int], epsilon: Double) {
        self.axes = axes
        self.epsilon = epsilon
    }

    /// Sums over the axes.
    public var exactness: Exactness { .accumulating }

    /// About six operations an element.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 6 * (results.first?.count ?? 0) }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        try inferNormalization(axes, weights: ["gamma", "beta"], operands)
    }

    /// By the definition, in two passes.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let (gamma, beta) = (operands[optional: 1], operands[optional: 2])
        var y = ReferenceTensor(type, zeros: shape)
        for line in x.lines(along: axes) {
            let count = Double(line.count)
            let mean = line.reduce(0) { $0 + x.values[$1] } / count
            let variance = line.reduce(0) { $0 + (x.values[$1] - mean) * (x.values[$1] - mean) } / count
            for (index, offset) in line.enumerated() {
                let normal = (x.values[offset] - mean) / (variance + epsilon).squareRoot()
                y.values[offset] = normal * (gamma?.values[index] ?? 1) + (beta?.values[index] ?? 0)
            }
        }
        return [y]
    }

    /// As much as x where the axes are not the last ones.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        MovedAxes.workspaceCount(results.first, axes: axes)
    }

    /// The input.
    public func canOverwrite(operand: Int) -> Bool { operand == 0 }

    /// Row by row, in two passes, the sums in double.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (gamma, beta, epsilon) = (call.optional(1), call.optional(2), epsilon)
        call.forEachLine(along: axes) { from, to, length in
            normalize(from, to, length, gamma, beta, epsilon)
        }
    }
}

extension LayerNormalization: RowOperator {
    /// Row by row, along the last axis alone.
    public func rowDependence(on position: Int, _ operands: [Shape?], result: Shape) -> RowDependence? {
        position == 0 && axes.map { $0.axis(of: result.rank) } == [result.rank - 1] ? .row : nil
    }

    /// One row in its place.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func rowFunction<Scalar: FastScalar>(
        _ call: FastCall<Scalar>, replacing position: Int
    ) -> RowFunction<Scalar> {
        let (gamma, beta, epsilon) = (call.optional(1), call.optional(2), epsilon)
        return { _, _, values, count in normalize(values, values, count, gamma, beta, epsilon) }
    }
}

/// One row.
private func normalize<Scalar: FastScalar>(
    _ from: UnsafePointer<Scalar>, _ to: UnsafeMutablePointer<Scalar>, _ length: Int, _ gamma: FastTensor<Scalar>?,
    _ beta: FastTensor<Scalar>?, _ epsilon: Double
) {
    let mean = Scalar.rows.sum(from, length) / Double(length)
    let variance = Scalar.rows.sumOfSquares(from, mean, length) / Double(length)
    Scalar.rows.normalize(from, mean, 1 / (variance + epsilon).squareRoot(), gamma?.reals, beta?.reals, to, length)
}
