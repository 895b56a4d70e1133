// OneHot: a number as the place of a one.

import AssayGraph
import AssayTensors

/// y = `on` at the place that an index says along a new axis, `off` elsewhere; an index outside has no place.
///
/// Operand: indices. Result: float32, their shape with `depth` at `axis`, which counts in the result.
public struct OneHot: Operator {
    /// The name in the JSON form.
    public static let name = "OneHot"
    /// The formula.
    public static let formula = "y[…, d, …] = indices[…, …] = d ? on : off"
    /// How many places there are.
    public var depth: Int
    /// Where the new axis stands in the result.
    public var axis: Int
    /// The value at the place.
    public var on: Double
    /// The value elsewhere.
    public var off: Double

    /// Places along a new axis.
    public init(depth: Int, axis: Int = -1, on: Double = 1, off: Double = 0) {
        self.depth = depth
        self.axis = axis
        self.on = on
        self.off = off
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The indices' shape with the depth.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let indices = try require(operands, 0, "the indices")
        guard depth >= 0 else { throw mismatch("negative depth", found: "\(depth)") }
        guard var shape = indices.shape else { return [Fact(.f32, nil)] }
        shape.insert(.known(depth), at: try resolve(axis: axis, rank: shape.count + 1))
        return [Fact(.f32, shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let indices = try given(operands, 0)
        let axis = axis.axis(of: shape.count)
        return [
            ReferenceTensor(type, shape) { position in
                var source = position
                let place = source.remove(at: axis)
                return indices[source].rounded(.towardZero) == Double(place) ? on : off
            }
        ]
    }

    /// `off` everywhere, then one `on` for each index.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (indices, y) = (call.operand(0), call.result())
        let split = AxisSplit(y.shape, axis: axis.axis(of: y.rank))
        y.reals.update(repeating: Scalar(off), count: y.count)
        for place in 0..<indices.count {
            guard let index = indices.integer(at: place), index >= 0, index < depth else { continue }
            let (outer, inner) = (place / split.inner, place % split.inner)
            y.reals[(outer * depth + index) * split.inner + inner] = Scalar(on)
        }
    }
}
