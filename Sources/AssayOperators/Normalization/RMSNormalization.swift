// RMSNormalization: mean square one over some axes of each example.

import AssayGraph
import AssayTensors

/// y = x / √(mean x² + ε) · scale (Zhang, Sennrich 2019).
///
/// Operands: x, scale of the shape of the axes in ascending order, or none. Result: the shape of x.
public struct RMSNormalization: Operator {
    /// The name in the JSON form.
    public static let name = "RMSNormalization"
    /// The formula.
    public static let formula = "y[…] = x[…] / √(mean x² + ε) · scale"
    /// The axes of one mean.
    public var axes: [Int]
    /// What is added to the mean square.
    public var epsilon: Double

    /// A normalisation over `axes`.
    public init(axes: [Int], epsilon: Double) {
        self.axes = axes
        self.epsilon = epsilon
    }

    /// Sums over the axes.
    public var exactness: Exactness { .accumulating }

    /// About four operations an element.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 4 * (results.first?.count ?? 0) }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        try inferNormalization(axes, weights: ["scale"], operands)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let scale = operands[optional: 1]
        var y = ReferenceTensor(type, zeros: shape)
        for line in x.lines(along: axes) {
            let meanSquare = line.reduce(0) { $0 + x.values[$1] * x.values[$1] } / Double(line.count)
            for (index, offset) in line.enumerated() {
                y.values[offset] = x.values[offset] / (meanSquare + epsilon).squareRoot() * (scale?.values[index] ?? 1)
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

    /// Row by row, the sums in double.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (scale, epsilon) = (call.optional(1), epsilon)
        call.forEachLine(along: axes) { from, to, length in
            normalize(from, to, length, scale, epsilon)
        }
    }
}

extension RMSNormalization: RowOperator {
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
        let (scale, epsilon) = (call.optional(1), epsilon)
        return { _, _, values, count in normalize(values, values, count, scale, epsilon) }
    }
}

/// One row.
private func normalize<Scalar: FastScalar>(
    _ from: UnsafePointer<Scalar>, _ to: UnsafeMutablePointer<Scalar>, _ length: Int, _ scale: FastTensor<Scalar>?,
    _ epsilon: Double
) {
    let meanSquare = Scalar.rows.sumOfSquares(from, 0, length) / Double(length)
    Scalar.rows.normalize(from, 0, 1 / (meanSquare + epsilon).squareRoot(), scale?.reals, nil, to, length)
}
