// UnitNormalization: lines of length one.

import AssayGraph
import AssayTensors
import Glibc

/// y = x divided by its norm over some axes; for the Euclidean one x / √max(Σ x², ε), for others x / max((Σ |x|ᵖ)^(1/p), ε).
///
/// Operand: x. Result: its shape.
public struct UnitNormalization: Operator {
    /// The name in the JSON form.
    public static let name = "UnitNormalization"
    /// The formula.
    public static let formula = "y[…] = x[…] / √max(Σ x², ε)"
    /// The axes of one norm.
    public var axes: [Int]
    /// The smallest divisor, under the root for the Euclidean norm.
    public var epsilon: Double
    /// The order p of the norm.
    public var ordinal: Int

    /// A division by the norm over `axes`.
    public init(axes: [Int], epsilon: Double, ordinal: Int = 2) {
        self.axes = axes
        self.epsilon = epsilon
        self.ordinal = ordinal
    }

    /// Sums of many terms.
    public var exactness: Exactness { .accumulating }

    /// As much as x where the axes are not the last ones.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        MovedAxes.workspaceCount(results.first, axes: axes)
    }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        guard ordinal > 0 else { throw mismatch("no such norm", found: "\(ordinal)") }
        return [try inferAlong(axes, operands)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        var y = try given(operands, 0)
        y.type = try resultKind(operands).type
        for line in y.lines(along: axes) {
            let power = line.reduce(0) { $0 + pow(abs(y.values[$1]), Double(ordinal)) }
            let norm = ordinal == 2 ? max(power, epsilon).squareRoot() : max(pow(power, 1 / Double(ordinal)), epsilon)
            for offset in line { y.values[offset] /= norm }
        }
        return [y]
    }

    /// Row by row, the sums in double.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (epsilon, ordinal) = (epsilon, ordinal)
        call.forEachLine(along: axes) { from, to, length in
            let norm: Double
            if ordinal == 2 {
                norm = max(Scalar.rows.sumOfSquares(from, 0, length), epsilon).squareRoot()
            } else {
                var sum = 0.0
                for index in 0..<length { sum += pow(Double(abs(from[index])), Double(ordinal)) }
                norm = max(pow(sum, 1 / Double(ordinal)), epsilon)
            }
            Scalar.rows.normalize(from, 0, 1 / norm, nil, nil, to, length)
        }
    }
}
