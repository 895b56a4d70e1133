// CumulativeSum: sums of all elements up to each.

import AssayGraph
import AssayTensors

/// y = the sum of the elements of x up to each along an axis.
///
/// Operand: x. Result: its shape.
public struct CumulativeSum: Operator {
    /// The name in the JSON form.
    public static let name = "CumulativeSum"
    /// The formula.
    public static let formula = "y[…, i, …] = Σ_{j ≤ i} x[…, j, …]"
    /// The axis that is summed along.
    public var axis: Int
    /// Whether the element itself is left out.
    public var exclusive: Bool
    /// Whether sums run from the end.
    public var reverse: Bool

    /// Running sums along `axis`.
    public init(axis: Int, exclusive: Bool = false, reverse: Bool = false) {
        self.axis = axis
        self.exclusive = exclusive
        self.reverse = reverse
    }

    /// Sums of many terms.
    public var exactness: Exactness { .accumulating }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        if let rank = x.rank { _ = try resolve(axis: axis, rank: rank) }
        return [Fact(x.type == .bool ? .i32 : x.type, x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let axis = axis.axis(of: shape.count)
        return [
            ReferenceTensor(type, shape) { position in
                let here = position[axis]
                return (0..<shape[axis]).reduce(0.0) { sum, other in
                    let before = reverse ? other > here : other < here
                    guard before || (other == here && !exclusive) else { return sum }
                    var source = position
                    source[axis] = other
                    return sum + x[source]
                }
            }
        ]
    }

    /// One pass a line, with sums in double.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let split = AxisSplit(x.shape, axis: axis.axis(of: x.rank))
        for outer in 0..<split.outer {
            for inner in 0..<split.inner {
                var (sum, whole) = (0.0, Int64(0))
                for step in 0..<split.extent {
                    let index = reverse ? split.extent - 1 - step : step
                    let place = (outer * split.extent + index) * split.inner + inner
                    if y.storage == .real {
                        let next = sum + Double(x.reals[place])
                        y.reals[place] = Scalar(exclusive ? sum : next)
                        sum = next
                    } else {
                        let next = whole &+ Int64(x.integer(at: place) ?? 0)
                        y.integers[place] = exclusive ? whole : next
                        whole = next
                    }
                }
            }
        }
    }
}
