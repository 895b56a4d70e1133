// Fill: one value everywhere.

import AssayGraph
import AssayTensors

/// y = a value everywhere.
///
/// Operand: x or none, whose extents the shape may copy; or, where the attribute is empty, integers that are known before
/// running and are the shape. Result: the shape, of the type.
public struct Fill: Operator {
    /// The name in the JSON form.
    public static let name = "Fill"
    /// The formula.
    public static let formula = "y[…] = value"
    /// The shape.
    public var shape: [ReshapeExtent]
    /// The value.
    public var value: Double
    /// The type of the elements.
    public var type: ElementType

    /// A value everywhere.
    public init(shape: [ReshapeExtent], value: Double, type: ElementType) {
        self.shape = shape
        self.value = value
        self.type = type
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The shape, of the type.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let like = operands[optional: 0]
        if shape.isEmpty, let like {
            guard let integers = like.integers else { return [Fact(type, nil)] }
            guard integers.allSatisfy({ $0.value ?? 0 >= 0 }) else {
                throw mismatch("negative extent", found: integers.text)
            }
            return [Fact(type, integers, integers: known(integers))]
        }
        if like != nil, like?.shape == nil { return [Fact(type, nil)] }
        let result = try resolve(shape, of: like?.shape ?? [], keepsCount: false)
        return [Fact(type, result, integers: known(result))]
    }

    /// The elements of few integers.
    private func known(_ shape: [Dimension]) -> [Dimension]? {
        guard !type.isFloatingPoint, let integer = Int(exactly: value) else { return nil }
        return KnownIntegers.repeated(.known(integer), in: shape)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        return [ReferenceTensor(type, shape) { _ in value }]
    }

    /// Element by element.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let y = call.result()
        for index in 0..<y.count { y.set(index, to: value) }
    }
}
