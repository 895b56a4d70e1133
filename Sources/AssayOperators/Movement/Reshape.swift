// Reshape: the same elements under another shape.

import AssayGraph
import AssayTensors

/// y = the elements of x, row-major, under another shape. Flattening is `[.copied(axis: 0), .inferred]`.
///
/// Operands: x, shape (integers that are known before running; −1 is inferred, 0 copied) or none, which wins over the
/// attribute. Result: the new shape.
public struct Reshape: ReshapingOperator {
    /// The name in the JSON form.
    public static let name = "Reshape"
    /// The formula.
    public static let formula = "y.flat[i] = x.flat[i]"
    /// The new extents.
    public var target: [ReshapeExtent]

    /// Another shape.
    public init(_ target: [ReshapeExtent]) { self.target = target }

    /// The new shape.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard let given = operands[optional: 1] else {
            return [Fact(x.type, try resolve(target, of: shape, keepsCount: true), integers: x.integers)]
        }
        guard let integers = given.integers else { return [Fact(x.type, nil)] }
        return [Fact(x.type, try extents(integers, of: shape), integers: x.integers)]
    }
}
