// ReverseSequence: the first elements of each sequence in the opposite order.

import AssayGraph
import AssayTensors

/// y = x with the first `lengths[b]` steps of each sequence backwards, the steps behind as they are.
///
/// Operands: x, lengths `[batch]` (integers). Result: the shape of x.
public struct ReverseSequence: Operator {
    /// The name in the JSON form.
    public static let name = "ReverseSequence"
    /// The formula.
    public static let formula = "y[b, t, …] = x[b, t < lengths[b] ? lengths[b] − 1 − t : t, …]"
    /// The axis of the steps.
    public var timeAxis: Int
    /// The axis of the sequences.
    public var batchAxis: Int

    /// Sequences backwards.
    public init(timeAxis: Int, batchAxis: Int) {
        self.timeAxis = timeAxis
        self.batchAxis = batchAxis
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        let lengths = try require(operands, 1, "the lengths")
        guard lengths.type.isInteger else { throw mismatch("wrong type of lengths", found: lengths.type.displayName) }
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        let axes = try resolve(axes: [timeAxis, batchAxis], rank: shape.count)
        try requireShape(lengths, [shape[axes[1]]], role: "lengths")
        return [Fact(x.type, shape)]
    }

    private func outside(_ length: Double, _ extent: Int) -> AssayError {
        .usage("ReverseSequence: a length lies outside", expected: "0 to \(extent)", found: "\(length)")
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (x, lengths) = (try given(operands, 0), try given(operands, 1))
        let (time, batch) = (timeAxis.axis(of: x.shape.count), batchAxis.axis(of: x.shape.count))
        for length in lengths.values where length < 0 || length > Double(x.shape[time]) {
            throw outside(length, x.shape[time])
        }
        return [
            ReferenceTensor(x.type, x.shape) { position in
                let length = Int(lengths.values[position[batch]])
                var source = position
                if source[time] < length { source[time] = length - 1 - source[time] }
                return x[source]
            }
        ]
    }

    /// One copy for each run of elements behind both axes.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, lengths, y) = (call.operand(0), call.operand(1), call.result())
        guard y.count > 0 else { return }
        let (time, batch) = (timeAxis.axis(of: x.rank), batchAxis.axis(of: x.rank))
        let strides = x.strides
        let run = strides[max(time, batch)]
        for index in 0..<lengths.count where !(0...x.shape[time]).contains(lengths.integer(at: index) ?? -1) {
            throw outside(lengths.double(at: index), x.shape[time])
        }
        for start in stride(from: 0, to: y.count, by: run) {
            let step = start / strides[time] % x.shape[time]
            let length = lengths.integer(at: start / strides[batch] % x.shape[batch]) ?? 0
            let source = step < length ? start + (length - 1 - 2 * step) * strides[time] : start
            y.copy(run, from: x, at: source, to: start)
        }
    }
}
