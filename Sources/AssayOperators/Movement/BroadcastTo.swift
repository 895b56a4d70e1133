// BroadcastTo: a value stretched to a shape.

import AssayGraph
import AssayTensors

/// y = x stretched where it has one element. The shape and x broadcast to each other, so that an extent of one (or an
/// inferred one) in the shape keeps x's.
///
/// Operands: x, shape (integers that are known before running; −1 keeps the extent of x) or none, which wins over the
/// attribute. Result: the shape that both broadcast to.
public struct BroadcastTo: Operator {
    /// The name in the JSON form.
    public static let name = "BroadcastTo"
    /// The formula.
    public static let formula = "y[…] = x[…], broadcast"
    /// The shape.
    public var shape: [ReshapeExtent]

    /// A shape to stretch to.
    public init(shape: [ReshapeExtent]) {
        self.shape = shape
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The shape that x and the target broadcast to.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard let extents = x.shape else { return [Fact(x.type, nil)] }
        var target: [Dimension]
        if let given = operands[optional: 1] {
            guard let integers = given.integers else { return [Fact(x.type, nil)] }
            target = integers.map { $0 == .known(-1) ? 1 : $0 }
        } else {
            target = try resolve(shape.map { $0 == .inferred ? .fixed(1) : $0 }, of: extents, keepsCount: false)
        }
        guard target.allSatisfy({ $0.value ?? 0 >= 0 }) else { throw mismatch("negative extent", found: target.text) }
        let shape = try broadcast([extents, target])
        var integers = shape == extents ? x.integers : nil
        if integers == nil, let known = x.integers, known.count == 1 {
            integers = KnownIntegers.repeated(known[0], in: shape)
        }
        return [Fact(x.type, shape, integers: integers)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        return [ReferenceTensor(type, shape) { x.broadcast($0) }]
    }

    /// A strided copy that stands still along stretched axes.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        StridedCopy(shape: y.shape, sourceStrides: StridedAxes.broadcastStrides(x.shape, in: y.shape))
            .run(from: x.start, to: y.start, elementBytes: x.elementBytes, threads: call.threads)
    }
}
