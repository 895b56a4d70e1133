// ExpandDims: new axes of one element.

import AssayGraph
import AssayTensors

/// y = x with new axes of one element.
///
/// Operand: x. Result: its shape with a one at each of `axes`, which count in the result.
public struct ExpandDims: ReshapingOperator {
    /// The name in the JSON form.
    public static let name = "ExpandDims"
    /// The formula.
    public static let formula = "y[…, 0, …] = x[…, …]"
    /// Where the new axes stand in the result.
    public var axes: [Int]

    /// New axes.
    public init(axes: [Int]) { self.axes = axes }

    /// The shape with ones in between.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard var shape = x.shape else { return [Fact(x.type, nil)] }
        for axis in try resolve(axes: axes, rank: shape.count + axes.count).sorted() { shape.insert(1, at: axis) }
        return [Fact(x.type, shape, integers: x.integers)]
    }
}
