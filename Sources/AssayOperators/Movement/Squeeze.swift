// Squeeze: axes of one element taken away.

import AssayGraph
import AssayTensors

/// y = x without some axes of one element.
///
/// Operand: x. Result: its shape without `axes`, or without every axis that is known to be one where `axes` is empty.
public struct Squeeze: ReshapingOperator {
    /// The name in the JSON form.
    public static let name = "Squeeze"
    /// The formula.
    public static let formula = "y[…, …] = x[…, 0, …]"
    /// The axes that go; all of one element where empty.
    public var axes: [Int]

    /// Axes taken away.
    public init(axes: [Int]) { self.axes = axes }

    /// The shape without the axes.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        var gone = try resolve(axes: axes, rank: shape.count)
        if axes.isEmpty { gone = shape.indices.filter { shape[$0] == 1 } }
        for axis in gone where !shape[axis].isCompatible(with: 1) {
            throw mismatch("axis \(axis) cannot go", expected: "one element", found: shape.text)
        }
        let kept = shape.indices.filter { !gone.contains($0) }.map { shape[$0] }
        return [Fact(x.type, kept, integers: x.integers)]
    }
}
