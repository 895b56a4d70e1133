// Activation: an activation function on every element.

import AssayGraph
import AssayTensors

/// y = f(x), element by element.
///
/// Operand: x. Result: its shape and type.
public struct Activation: Operator {
    /// The name in the JSON form.
    public static let name = "Activation"
    /// The formula.
    public static let formula = "y[…] = f(x[…])"
    /// The activation function.
    public var function: ActivationFunction

    /// An activation function.
    public init(_ function: ActivationFunction) { self.function = function }

    /// A few operations each.
    public var exactness: Exactness { function == .linear ? .exact : .rounding }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the operand")
        return [Fact(x.type.isFloatingPoint || function == .linear ? x.type : .f32, x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        return [ReferenceTensor(type, shape, try given(operands, 0).values.map(function.apply))]
    }

    /// Always.
    public func canOverwrite(operand: Int) -> Bool { true }

    /// Row by row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        guard x.storage == .real else {
            for index in 0..<y.count { y.set(index, to: function.apply(x.double(at: index))) }
            return
        }
        let function = function
        call.threads.forEachRange(y.count, cost: 4) { range in
            function.apply(x.reals + range.lowerBound, into: y.reals + range.lowerBound, count: range.count)
        }
    }
}

extension Activation: RowOperator {
    /// Element by element.
    public func rowDependence(on position: Int, _ operands: [Shape?], result: Shape) -> RowDependence? {
        .element
    }

    /// The function, on a piece of a row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func rowFunction<Scalar: FastScalar>(
        _ call: FastCall<Scalar>, replacing position: Int
    ) -> RowFunction<Scalar> {
        let function = function
        return { _, _, values, count in function.apply(values, count: count) }
    }
}
