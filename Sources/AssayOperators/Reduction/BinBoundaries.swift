// BinBoundaries: the boundaries of bins that hold equal shares of the data which a weighted summary stands for.

import AssayGraph
import AssayTensors

/// Quantiles of a summary, as Discretization of Keras keeps it.
///
/// Operand: summary `[2, n]`, the values in ascending order and their weights. Result: `[count − 1]`, linear between the
/// values by the weights up to them; of fewer values than bins, all but the last value.
public struct BinBoundaries: Operator {
    /// The name in the JSON form.
    public static let name = "BinBoundaries"
    /// The formula.
    public static let formula = "y[i] = the value at which the weights add up to (i + 1) / count of their sum"
    /// How many bins there are.
    public var count: Int

    /// The boundaries between `count` bins.
    public init(count: Int) { self.count = count }

    /// A sum of weights decides.
    public var exactness: Exactness { .accumulating }

    /// One fewer than there are bins, or values.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the summary")
        guard (1...SlidingWindows.greatestAttribute).contains(count) else {
            throw mismatch("wrong count", expected: "at least one bin", found: "\(count)")
        }
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard shape.count == 2, shape[0].isCompatible(with: 2), shape[1] != 0 else {
            throw mismatch("wrong summary", expected: "[2, values]", found: shape.text)
        }
        let values = shape[1].value ?? count
        return [Fact(x.type, [.known(min(values, count) - 1)])]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let values = boundaries(try given(operands, 0).values, shape[0])
        return [ReferenceTensor(type, shape, values)]
    }

    /// The same: there is little to do.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        for (index, value) in boundaries((0..<x.count).map { Double(x.reals[$0]) }, y.count).enumerated() {
            y.reals[index] = Scalar(value)
        }
    }

    private func boundaries(_ summary: [Double], _ wanted: Int) -> [Double] {
        let values = Array(summary.prefix(summary.count / 2))
        guard values.count >= count else { return Array(values.prefix(wanted)) }
        var total = 0.0
        let sums = summary.suffix(values.count).map { weight in
            total += weight
            return total
        }
        return (1..<max(count, 1)).map { number in
            let goal = Double(number) / Double(count) * total
            guard let next = sums.firstIndex(where: { $0 >= goal }), next > 0 else { return values.first ?? 0 }
            let share = (goal - sums[next - 1]) / (sums[next] - sums[next - 1])
            return values[next - 1] + share * (values[next] - values[next - 1])
        }
    }
}
