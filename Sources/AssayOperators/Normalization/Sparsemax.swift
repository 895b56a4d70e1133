// Sparsemax: the nearest point of the simplex.

import AssayGraph
import AssayTensors

/// y = the point of the probability simplex that is nearest to x, along an axis (Martins, Astudillo 2016).
///
/// Operand: x. Result: its shape.
public struct Sparsemax: Operator {
    /// The name in the JSON form.
    public static let name = "Sparsemax"
    /// The formula.
    public static let formula = "y[…] = max(0, x[…] − τ), τ so that Σ y = 1"
    /// The axis that sums to one.
    public var axis: Int

    /// Sparsemax along `axis`.
    public init(axis: Int) {
        self.axis = axis
    }

    /// Sums of many terms.
    public var exactness: Exactness { .accumulating }

    /// As much as x where the axes are not the last ones.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        MovedAxes.workspaceCount(results.first, axes: [axis])
    }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] { [try inferAlong([axis], operands)] }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        var y = try given(operands, 0)
        y.type = try resultKind(operands).type
        for line in y.lines(along: [axis]) {
            let sorted = line.map { y.values[$0] }.sorted(by: >)
            // The support is the largest set of greatest elements that all stay above its own threshold.
            var threshold = 0.0
            for size in 1...sorted.count {
                let candidate = (sorted.prefix(size).reduce(0, +) - 1) / Double(size)
                if sorted[size - 1] > candidate { threshold = candidate }
            }
            for offset in line { y.values[offset] = max(0, y.values[offset] - threshold) }
        }
        return [y]
    }

    /// Row by row, each sorted.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        call.forEachLine(along: [axis]) { from, to, length in
            let sorted = UnsafeBufferPointer(start: from, count: length).map { Double($0) }.sorted(by: >)
            var (sum, threshold) = (0.0, 0.0)
            for (index, value) in sorted.enumerated() {
                sum += value
                guard 1 + Double(index + 1) * value > sum else { break }
                threshold = (sum - 1) / Double(index + 1)
            }
            for index in 0..<length { to[index] = Scalar(max(0, Double(from[index]) - threshold)) }
        }
    }
}
