// Unary: elementary functions of one operand.

import AssayGraph
import AssayTensors
import Glibc

/// What `Unary` does with an element.
public enum UnaryFunction: String, Sendable, Hashable, Codable, CaseIterable {
    /// −x.
    case negate
    /// |x|.
    case absolute
    /// −1, 0 or 1; NaN for NaN.
    case sign
    /// √x.
    case sqrt
    /// 1 / √x.
    case rsqrt
    /// x².
    case square
    /// 1 / x.
    case reciprocal
    /// eˣ.
    case exp
    /// eˣ − 1.
    case expm1
    /// ln x.
    case log
    /// ln (1 + x).
    case log1p
    /// log₂ x.
    case log2
    /// log₁₀ x.
    case log10
    /// Sine.
    case sin
    /// Cosine.
    case cos
    /// Tangent.
    case tan
    /// The inverse of the sine.
    case arcsin
    /// The inverse of the cosine.
    case arccos
    /// The inverse of the tangent.
    case arctan
    /// Hyperbolic sine.
    case sinh
    /// Hyperbolic cosine.
    case cosh
    /// The inverse of the hyperbolic sine.
    case arcsinh
    /// The inverse of the hyperbolic cosine.
    case arccosh
    /// The inverse of the hyperbolic tangent.
    case arctanh
    /// The error function, 2/√π ∫₀ˣ e^(−t²) dt.
    case erf
    /// 1 − erf x.
    case erfc
    /// The greatest integer that is not greater.
    case floor
    /// The smallest integer that is not smaller.
    case ceil
    /// The nearest integer; of two, the even one.
    case round
    /// The integer part.
    case truncate
    /// Whether it is not a number.
    case isNaN
    /// Whether it is infinite.
    case isInfinite
    /// Whether it is a finite number.
    case isFinite

    /// Whether the results are booleans.
    var isTest: Bool { self == .isNaN || self == .isInfinite || self == .isFinite }

    /// Whether integers stay integers.
    var keepsIntegers: Bool {
        switch self {
        case .negate, .absolute, .sign, .square, .floor, .ceil, .round, .truncate: true
        default: false
        }
    }

    /// The definition, on doubles.
    var definition: (Double) -> Double {
        switch self {
        case .negate: { -$0 }
        case .absolute: { Swift.abs($0) }
        case .sign: { $0.isNaN ? .nan : $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
        case .sqrt: { $0.squareRoot() }
        case .rsqrt: { 1 / $0.squareRoot() }
        case .square: { $0 * $0 }
        case .reciprocal: { 1 / $0 }
        case .exp: Glibc.exp
        case .expm1: Glibc.expm1
        case .log: Glibc.log
        case .log1p: Glibc.log1p
        case .log2: Glibc.log2
        case .log10: Glibc.log10
        case .sin: Glibc.sin
        case .cos: Glibc.cos
        case .tan: Glibc.tan
        case .arcsin: Glibc.asin
        case .arccos: Glibc.acos
        case .arctan: Glibc.atan
        case .sinh: Glibc.sinh
        case .cosh: Glibc.cosh
        case .arcsinh: Glibc.asinh
        case .arccosh: Glibc.acosh
        case .arctanh: Glibc.atanh
        case .erf: Glibc.erf
        case .erfc: Glibc.erfc
        case .floor: { $0.rounded(.down) }
        case .ceil: { $0.rounded(.up) }
        case .round: { $0.rounded(.toNearestOrEven) }
        case .truncate: { $0.rounded(.towardZero) }
        case .isNaN: { $0.isNaN ? 1 : 0 }
        case .isInfinite: { $0.isInfinite ? 1 : 0 }
        case .isFinite: { $0.isFinite ? 1 : 0 }
        }
    }
}

/// y = f(x), element by element.
///
/// Operand: x. Result: its shape; booleans for the tests, else its type, where a function that leaves the integers gives
/// float32 for an integer operand.
public struct Unary: Operator {
    /// The name in the JSON form.
    public static let name = "Unary"
    /// The formula.
    public static let formula = "y[…] = f(x[…])"
    /// What is done with an element.
    public var function: UnaryFunction

    /// An elementary function.
    public init(_ function: UnaryFunction) { self.function = function }

    /// One function each; tests and what gives integers are exact.
    public var exactness: Exactness {
        function.isTest || (function.keepsIntegers && function != .square) ? .exact : .rounding
    }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the operand")
        if function.isTest { return [Fact(.bool, x.shape)] }
        let type: ElementType = function.keepsIntegers || x.type.isFloatingPoint ? x.type : .f32
        return [Fact(type, x.shape, integers: type.isInteger ? KnownIntegers.combined([x]) { fold($0[0]) } : nil)]
    }

    /// What a function makes of an integer that is known.
    private func fold(_ integer: Dimension) -> Dimension? {
        guard let value = integer.value else { return nil }
        switch function {
        case .negate: return value == .min ? nil : .known(-value)
        case .absolute: return value == .min ? nil : .known(abs(value))
        default: return nil
        }
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let definition = function.definition
        let x = try given(operands, 0)
        return [
            ReferenceTensor(type, shape, x.values.map { type == .bool && definition($0) != 0 ? 1 : definition($0) })
        ]
    }

    /// Always.
    public func canOverwrite(operand: Int) -> Bool { true }

    /// Row by row where there is a kernel or a machine instruction, else through the C library's function on doubles.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        guard x.storage == .real, y.storage == .real else {
            let definition = function.definition
            for index in 0..<y.count { y.set(index, to: definition(x.double(at: index))) }
            return
        }
        let function = function
        call.threads.forEachRange(y.count, cost: 4) { range in
            apply(function, x.reals + range.lowerBound, y.reals + range.lowerBound, range.count)
        }
    }
}

extension Unary: RowOperator {
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
        return { _, _, values, count in apply(function, values, values, count) }
    }
}

/// Applies a function to a row of reals.
private func apply<Scalar: FastScalar>(
    _ function: UnaryFunction, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    switch function {
    case .exp: Scalar.rows.exp(x, y, count)
    case .erf: Scalar.rows.erf(x, y, count)
    case .negate: for index in 0..<count { y[index] = -x[index] }
    case .absolute: for index in 0..<count { y[index] = abs(x[index]) }
    case .sqrt: for index in 0..<count { y[index] = x[index].squareRoot() }
    case .rsqrt: for index in 0..<count { y[index] = 1 / x[index].squareRoot() }
    case .square: for index in 0..<count { y[index] = x[index] * x[index] }
    case .reciprocal: for index in 0..<count { y[index] = 1 / x[index] }
    case .floor: for index in 0..<count { y[index] = x[index].rounded(.down) }
    case .ceil: for index in 0..<count { y[index] = x[index].rounded(.up) }
    case .round: for index in 0..<count { y[index] = x[index].rounded(.toNearestOrEven) }
    case .truncate: for index in 0..<count { y[index] = x[index].rounded(.towardZero) }
    default:
        let definition = function.definition
        for index in 0..<count { y[index] = Scalar(definition(Double(x[index]))) }
    }
}
