// LogSoftmax: the logarithm of softmax.

import AssayGraph
import AssayTensors
import Glibc

/// y = x − max x − ln Σ exp(x − max x) along an axis.
///
/// Operand: x. Result: its shape.
public struct LogSoftmax: Operator {
    /// The name in the JSON form.
    public static let name = "LogSoftmax"
    /// The formula.
    public static let formula = "y[…] = x[…] − ln Σ exp x"
    /// The axis that is summed over.
    public var axis: Int

    /// The logarithm of softmax along `axis`.
    public init(axis: Int) {
        self.axis = axis
    }

    /// Sums of exponentials.
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
            let greatest = line.reduce(-Double.infinity) { max($0, y.values[$1]) }
            let sum = line.reduce(0) { $0 + exp(y.values[$1] - greatest) }
            for offset in line { y.values[offset] -= greatest + log(sum) }
        }
        return [y]
    }

    /// The input.
    public func canOverwrite(operand: Int) -> Bool { operand == 0 }

    /// Row by row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        call.forEachLine(along: [axis]) { from, to, length in
            var greatest = from[0]
            for index in 0..<length where from[index] > greatest { greatest = from[index] }
            var sum = 0.0
            for index in 0..<length { sum += exp(Double(from[index] - greatest)) }
            let shift = Double(greatest) + log(sum)
            for index in 0..<length { to[index] = Scalar(Double(from[index]) - shift) }
        }
    }
}
