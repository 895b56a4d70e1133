// ArgReduce: where the greatest or smallest element stands.

import AssayGraph
import AssayTensors

/// y = the index of the greatest or smallest element along an axis: the first of equal ones, the first NaN if there is one.
///
/// Operand: x. Result: 64-bit integers, its shape without the axis, or with a one in its place.
public struct ArgReduce: Operator {
    /// The name in the JSON form.
    public static let name = "ArgReduce"
    /// The formula.
    public static let formula = "y[…] = argmax (argmin) over i of x[…, i, …]"
    /// Whether the greatest is looked for, else the smallest.
    public var largest: Bool
    /// The axis.
    public var axis: Int
    /// Whether a one stays in its place.
    public var keepDimensions: Bool

    /// The place of an extreme along `axis`.
    public init(largest: Bool, axis: Int, keepDimensions: Bool = false) {
        self.largest = largest
        self.axis = axis
        self.keepDimensions = keepDimensions
    }

    /// Indices are right or wrong.
    public var exactness: Exactness { .exact }

    /// The shape without the axis.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard var shape = x.shape else { return [Fact(.i64, nil)] }
        let axis = try resolve(axis: axis, rank: shape.count)
        guard shape[axis] != 0 else { throw mismatch("nothing has no extreme", found: shape.text) }
        if keepDimensions { shape[axis] = 1 } else { shape.remove(at: axis) }
        return [Fact(.i64, shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let axis = axis.axis(of: x.shape.count)
        return [
            ReferenceTensor(type, shape) { position in
                var start = position
                if !keepDimensions { start.insert(0, at: axis) }
                let line = x.line(through: start, along: [axis]).map { x.values[$0] }
                if let index = line.firstIndex(where: \.isNaN) { return Double(index) }
                let extreme = largest ? line.max() : line.min()
                return Double(line.firstIndex { $0 == extreme } ?? 0)
            }
        ]
    }

    /// One pass a line.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let split = AxisSplit(x.shape, axis: axis.axis(of: x.rank))
        for outer in 0..<split.outer {
            for inner in 0..<split.inner {
                let first = outer * split.extent * split.inner + inner
                var (place, best) = (0, x.double(at: first))
                for index in 1..<max(split.extent, 1) {
                    let value = x.double(at: first + index * split.inner)
                    // Nothing is better than a NaN.
                    guard !best.isNaN else { break }
                    if value.isNaN || (largest ? value > best : value < best) { (place, best) = (index, value) }
                }
                y.integers[outer * split.inner + inner] = Int64(place)
            }
        }
    }
}
