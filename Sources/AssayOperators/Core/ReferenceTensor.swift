// Values of the reference path: everything is a double, nothing is shared, nothing is fast.

import AssayGraph
import AssayTensors

/// A value of the reference path, in row-major order. Integers and booleans are doubles too; `type` says what they mean.
public struct ReferenceTensor: Sendable {
    /// The type that the values stand for.
    public var type: ElementType
    /// The extents.
    public var shape: [Int]
    /// The elements in row-major order.
    public var values: [Double]

    /// A value with its elements.
    public init(_ type: ElementType, _ shape: [Int], _ values: [Double]) {
        precondition(values.count == shape.reduce(1, *), "as many values as the shape has elements")
        self.type = type
        self.shape = shape
        self.values = values
    }

    /// A value of zeros.
    public init(_ type: ElementType, zeros shape: [Int]) {
        self.init(type, shape, [Double](repeating: 0, count: shape.reduce(1, *)))
    }

    /// The elements of a tensor.
    ///
    /// - Throws: `AssayError.unreadable` when it cannot be decoded.
    public init(_ tensor: Tensor) throws(AssayError) {
        self.init(tensor.type, tensor.shape.extents, try tensor.doubles())
    }

    /// The number of elements.
    public var count: Int { values.count }

    /// How many elements lie between neighbours along each axis.
    public var strides: [Int] { Shape(shape).strides }

    /// The row-major offset of an element.
    public func offset(_ position: [Int]) -> Int {
        var offset = 0
        for (axis, index) in position.enumerated() { offset = offset * shape[axis] + index }
        return offset
    }

    /// The position of the element at a row-major offset.
    public func position(_ offset: Int) -> [Int] {
        var position = [Int](repeating: 0, count: shape.count)
        var rest = offset
        for axis in stride(from: shape.count - 1, through: 0, by: -1) {
            position[axis] = rest % shape[axis]
            rest /= shape[axis]
        }
        return position
    }
}
