// Transpose: the axes in another order.

import AssayGraph
import AssayTensors

/// y = x with its axes in another order: axis i of y is axis order[i] of x.
///
/// Operand: x. Result: its extents in the new order.
public struct Transpose: Operator {
    /// The name in the JSON form.
    public static let name = "Transpose"
    /// The formula.
    public static let formula = "y[i₀, i₁, …] = x[j₀, j₁, …] with j_order[k] = i_k"
    /// For each axis of the result, the axis of the operand.
    public var order: [Int]

    /// A new order of the axes.
    public init(order: [Int]) { self.order = order }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The extents in the new order.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard order.count == shape.count else {
            throw mismatch("wrong order of axes", expected: "\(shape.count) axes", found: "\(order)")
        }
        return [Fact(x.type, try resolve(axes: order, rank: shape.count).map { shape[$0] })]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        return [
            ReferenceTensor(type, shape) { position in
                var source = position
                for (axis, from) in order.enumerated() { source[from.axis(of: shape.count)] = position[axis] }
                return x[source]
            }
        ]
    }

    /// A strided copy.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let strides = x.strides
        StridedCopy(shape: y.shape, sourceStrides: order.map { strides[$0.axis(of: x.rank)] })
            .run(from: x.start, to: y.start, elementBytes: x.elementBytes, threads: call.threads)
    }
}
