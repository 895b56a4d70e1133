// Activation functions over rows of the fast path.

import Glibc

extension ActivationFunction {
    /// Replaces `count` values by the function's values.
    func apply<Scalar: FastScalar>(_ values: UnsafeMutablePointer<Scalar>, count: Int) {
        apply(values, into: values, count: count)
    }

    /// Applies the function to `count` elements; `y` may be `x`.
    public func apply<Scalar: FastScalar>(
        _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>, count: Int
    ) {
        switch self {
        case .linear: if UnsafePointer(y) != x { y.update(from: x, count: count) }
        case .sigmoid: Scalar.rows.sigmoid(x, y, count)
        case .tanh: Scalar.rows.tanh(x, y, count)
        case .gelu(approximate: false): Scalar.rows.gelu(x, y, count)
        case .gelu(approximate: true): Scalar.rows.geluTanh(x, y, count)
        case .silu: Scalar.rows.silu(x, y, count)
        case .exponential: Scalar.rows.exp(x, y, count)
        case .relu(nil, 0, 0): Scalar.rows.relu(x, y, count)
        case .relu, .leakyRelu, .hardSigmoid, .hardSwish, .hardTanh, .softsign, .squareplus:
            applyPiecewise(x, y, count)
        case .hardShrink, .softShrink, .threshold, .sparsePlus, .sparseSigmoid: applyShrinking(x, y, count)
        default:
            let function = transcendental
            for index in 0..<count { y[index] = Scalar(function(Double(x[index]))) }
        }
    }

    /// Functions of a few multiplications and comparisons.
    private func applyPiecewise<Scalar: FastScalar>(
        _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ count: Int
    ) {
        switch self {
        case .relu(let maxValue, let negativeSlope, let threshold):
            let (high, slope, edge) = (Scalar(maxValue ?? .infinity), Scalar(negativeSlope), Scalar(threshold))
            map(x, y, count) { $0 < edge ? (slope == 0 ? 0 : slope * ($0 - edge)) : $0 > high ? high : $0 }
        case .leakyRelu(let slope):
            let slope = Scalar(slope)
            map(x, y, count) { $0 < 0 ? slope * $0 : $0 }
        case .hardSigmoid(let slope, let offset):
            let (slope, offset) = (Scalar(slope), Scalar(offset))
            map(x, y, count) { limit(slope * $0 + offset, 0, 1) }
        case .hardSwish: map(x, y, count) { $0 * limit($0 + 3, 0, 6) / 6 }
        case .hardTanh: map(x, y, count) { limit($0, -1, 1) }
        case .softsign: map(x, y, count) { $0 / (1 + abs($0)) }
        case .squareplus(let b):
            let b = Scalar(b)
            map(x, y, count) { ($0 + ($0 * $0 + b).squareRoot()) / 2 }
        default: preconditionFailure("not a function of this kind")
        }
    }

    /// Functions that cut out a range.
    private func applyShrinking<Scalar: FastScalar>(
        _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ count: Int
    ) {
        switch self {
        case .hardShrink(let threshold):
            let edge = Scalar(threshold)
            map(x, y, count) { abs($0) <= edge ? 0 : $0 }
        case .softShrink(let threshold):
            let edge = Scalar(threshold)
            map(x, y, count) { abs($0) <= edge ? 0 : $0 > 0 ? $0 - edge : $0 + edge }
        case .threshold(let threshold, let value):
            let (edge, value) = (Scalar(threshold), Scalar(value))
            map(x, y, count) { $0 <= edge ? value : $0 }
        case .sparsePlus: map(x, y, count) { $0 <= -1 ? 0 : $0 >= 1 ? $0 : ($0 + 1) * ($0 + 1) / 4 }
        case .sparseSigmoid: map(x, y, count) { limit(($0 + 1) / 2, 0, 1) }
        default: preconditionFailure("not a function of this kind")
        }
    }

    /// The other functions, through the C library's functions on doubles.
    private var transcendental: (Double) -> Double {
        switch self {
        case .elu(let alpha): { $0 > 0 ? $0 : alpha * expm1($0) }
        case .selu:
            { [selu = Self.seluConstants] in $0 > 0 ? selu.scale * $0 : selu.scale * selu.alpha * expm1($0) }
        case .celu(let alpha): { $0 > 0 ? $0 : alpha * expm1($0 / alpha) }
        // max(0, x) + ln(1 + exp(−|x|)) neither overflows nor cancels.
        case .softplus: { ($0 < 0 ? 0 : $0) + log1p(exp(-abs($0))) }
        case .logSigmoid: { ($0 > 0 ? 0 : $0) - log1p(exp(-abs($0))) }
        // tanh(ln(1 + e)) = ((1 + e)² − 1) / ((1 + e)² + 1), with e = exp(x); beyond 20 it is one.
        case .mish:
            {
                if $0 > 20 { return $0 }
                let e = exp($0)
                let grown = e * (e + 2)
                return $0 == -.infinity ? 0 : $0 * grown / (grown + 2)
            }
        case .tanhShrink: { $0 - Glibc.tanh($0) }
        default: { apply($0) }
        }
    }
}

/// Applies `function` to each element.
@inline(__always)
private func map<Scalar: FastScalar>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ count: Int, _ function: (Scalar) -> Scalar
) {
    for index in 0..<count { y[index] = function(x[index]) }
}

/// x within bounds; NaN stays.
@inline(__always)
private func limit<Scalar: FastScalar>(_ x: Scalar, _ low: Scalar, _ high: Scalar) -> Scalar {
    x < low ? low : x > high ? high : x
}
