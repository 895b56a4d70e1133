// Roll: a value turned round along an axis.

import AssayGraph
import AssayTensors

/// y = x moved along an axis; what leaves at one end enters at the other.
///
/// Operand: x. Result: its shape.
public struct Roll: Operator {
    /// The name in the JSON form.
    public static let name = "Roll"
    /// The formula.
    public static let formula = "y[…, i, …] = x[…, (i − shift) mod extent, …]"
    /// How far elements move towards higher indices.
    public var shift: Int
    /// The axis.
    public var axis: Int

    /// A turn along `axis`.
    public init(shift: Int, axis: Int) {
        self.shift = shift
        self.axis = axis
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        if let rank = x.rank { _ = try resolve(axis: axis, rank: rank) }
        return [Fact(x.type, x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let axis = axis.axis(of: x.shape.count)
        let extent = x.shape[axis]
        return [
            ReferenceTensor(x.type, x.shape) { position in
                var source = position
                source[axis] = ((position[axis] - shift % extent) % extent + extent) % extent
                return x[source]
            }
        ]
    }

    /// Two copies for each position before the axis.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        guard y.count > 0 else { return }
        let split = AxisSplit(x.shape, axis: axis.axis(of: x.rank))
        let turn = shift % split.extent
        let moved = (turn < 0 ? turn + split.extent : turn) * split.inner
        let length = split.extent * split.inner
        for outer in 0..<split.outer {
            y.copy(length - moved, from: x, at: outer * length, to: outer * length + moved)
            y.copy(moved, from: x, at: (outer + 1) * length - moved, to: outer * length)
        }
    }
}
