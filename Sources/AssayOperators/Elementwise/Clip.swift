// Clip: values within bounds.

import AssayGraph
import AssayTensors

/// y = x, but not below the minimum and not above the maximum; NaN stays.
///
/// Operand: x. Result: its shape and type.
public struct Clip: Operator {
    /// The name in the JSON form.
    public static let name = "Clip"
    /// The formula.
    public static let formula = "y[…] = min(max(x[…], minimum), maximum)"
    /// The smallest value, if there is a bound.
    public var minimum: Double?
    /// The greatest value, if there is a bound.
    public var maximum: Double?

    /// Bounds.
    public init(minimum: Double?, maximum: Double?) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The bounds are rounded to the precision of the run.
    public var exactness: Exactness { .rounding }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        return [Fact(x.type, x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        return [
            ReferenceTensor(
                x.type, x.shape,
                x.values.map { value in
                    var value = value
                    if let minimum, value < minimum { value = minimum }
                    if let maximum, value > maximum { value = maximum }
                    return x.type.isInteger ? value.rounded(.towardZero) : value
                })
        ]
    }

    /// Always.
    public func canOverwrite(operand: Int) -> Bool { true }

    /// Element by element.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let (low, high) = (minimum ?? -.infinity, maximum ?? .infinity)
        if x.storage == .real {
            let (low, high) = (Scalar(low), Scalar(high))
            call.threads.forEachRange(y.count) { range in
                for index in range {
                    let value = x.reals[index] < low ? low : x.reals[index]
                    y.reals[index] = value > high ? high : value
                }
            }
        } else {
            for index in 0..<y.count {
                let value = x.double(at: index)
                if value < low {
                    y.set(index, to: min(low, high))
                } else if value > high {
                    y.set(index, to: high)
                } else {
                    y.copy(1, from: x, at: index, to: index)
                }
            }
        }
    }
}
