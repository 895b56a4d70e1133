// Reverse: axes read backwards.

import AssayGraph
import AssayTensors

/// y = x with some axes read backwards.
///
/// Operand: x. Result: its shape.
public struct Reverse: Operator {
    /// The name in the JSON form.
    public static let name = "Reverse"
    /// The formula.
    public static let formula = "y[…, i, …] = x[…, extent − 1 − i, …]"
    /// The axes that are turned.
    public var axes: [Int]

    /// Axes read backwards.
    public init(axes: [Int]) {
        self.axes = axes
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        if let rank = x.rank { _ = try resolve(axes: axes, rank: rank) }
        return [Fact(x.type, x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let turned = axes.map { $0.axis(of: x.shape.count) }
        return [
            ReferenceTensor(x.type, x.shape) { position in
                var source = position
                for axis in turned { source[axis] = x.shape[axis] - 1 - source[axis] }
                return x[source]
            }
        ]
    }

    /// A strided copy from the last element backwards.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        guard y.count > 0 else { return }
        var strides = x.strides
        var start = 0
        for axis in axes.map({ $0.axis(of: x.rank) }) {
            start += (x.shape[axis] - 1) * strides[axis]
            strides[axis] = -strides[axis]
        }
        StridedCopy(shape: y.shape, sourceStrides: strides)
            .run(from: x.address(start), to: y.start, elementBytes: x.elementBytes, threads: call.threads)
    }
}
