// Arithmetic that Swift's operators do not have: division and remainders by the rules of Python and C, on reals and
// integers.

import Glibc

/// Arithmetic on reals.
enum RealArithmetic {
    /// The remainder with the sign of the divisor, as Python and NumPy define it.
    static func modulo(_ a: Double, _ b: Double) -> Double {
        let remainder = fmod(a, b)
        if remainder == 0 { return copysign(0, b) }
        return (remainder < 0) == (b < 0) ? remainder : remainder + b
    }

    /// aᵇ.
    static func power(_ a: Double, _ b: Double) -> Double { pow(a, b) }

    /// The angle of the point (x, y).
    static func arctan2(_ y: Double, _ x: Double) -> Double { atan2(y, x) }

    /// The function on scalars of the fast path.
    static func function<Scalar: FastScalar>(_ function: BinaryFunction) -> @Sendable (Scalar, Scalar) -> Scalar {
        switch function {
        case .add: { $0 + $1 }
        case .subtract: { $0 - $1 }
        case .multiply: { $0 * $1 }
        case .divide: { $0 / $1 }
        case .floorDivide: { ($0 / $1).rounded(.down) }
        case .modulo: { Scalar(modulo(Double($0), Double($1))) }
        case .power: { $1 == 2 ? $0 * $0 : $1 == 1 ? $0 : Scalar(pow(Double($0), Double($1))) }
        // A NaN is not equal to itself, and wins.
        case .maximum: { $0 != $0 || $0 > $1 ? $0 : $1 }
        case .minimum: { $0 != $0 || $0 < $1 ? $0 : $1 }
        case .squaredDifference: { ($0 - $1) * ($0 - $1) }
        case .truncatedDivide: { ($0 / $1).rounded(.towardZero) }
        case .truncatedModulo: { Scalar(fmod(Double($0), Double($1))) }
        case .arctan2: { Scalar(atan2(Double($0), Double($1))) }
        }
    }
}

/// Arithmetic on integers, which wraps where a result does not fit.
enum IntegerArithmetic {
    /// f(a, b); nil for a division by zero and for functions that leave the integers.
    static func apply(_ function: BinaryFunction, _ a: Int64, _ b: Int64) -> Int64? {
        switch function {
        case .add: return a &+ b
        case .subtract: return a &- b
        case .multiply: return a &* b
        case .maximum: return max(a, b)
        case .minimum: return min(a, b)
        case .squaredDifference: return (a &- b) &* (a &- b)
        case .power: return power(a, b)
        case .floorDivide:
            guard b != 0 else { return nil }
            let quotient = a.dividedReportingOverflow(by: b).partialValue
            return quotient &* b != a && (a < 0) != (b < 0) ? quotient &- 1 : quotient
        case .modulo:
            guard b != 0 else { return nil }
            let remainder = a.remainderReportingOverflow(dividingBy: b).partialValue
            return remainder != 0 && (remainder < 0) != (b < 0) ? remainder &+ b : remainder
        case .truncatedDivide: return b == 0 ? nil : a.dividedReportingOverflow(by: b).partialValue
        case .truncatedModulo: return b == 0 ? nil : a.remainderReportingOverflow(dividingBy: b).partialValue
        case .divide, .arctan2: return nil
        }
    }

    /// aᵇ by squaring; a negative power is cut towards zero.
    private static func power(_ a: Int64, _ b: Int64) -> Int64? {
        if b < 0 { return a == 1 ? 1 : a == -1 ? (b & 1 == 0 ? 1 : -1) : a == 0 ? nil : 0 }
        var (result, factor, exponent) = (Int64(1), a, b)
        while exponent > 0 {
            if exponent & 1 == 1 { result = result &* factor }
            factor = factor &* factor
            exponent >>= 1
        }
        return result
    }
}
