// The activation functions of neural networks, by their definitions. Recurrent cells use them too.

import Glibc

/// An activation function with its attributes.
public enum ActivationFunction: Sendable, Hashable, Codable {
    /// x.
    case linear
    /// x from the threshold on, at most `maxValue`; below, negativeSlope · (x − threshold).
    case relu(maxValue: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0)
    /// 1 / (1 + e⁻ˣ).
    case sigmoid
    /// The hyperbolic tangent.
    case tanh
    /// x · Φ(x), Φ the normal distribution; or with the approximation of Φ by tanh(√(2/π) (x + 0.044715 x³)).
    case gelu(approximate: Bool)
    /// x above zero, α (eˣ − 1) below.
    case elu(alpha: Double)
    /// λ x above zero, λ α (eˣ − 1) below, with the constants of Klambauer et al. 2017.
    case selu
    /// max(0, x) + min(0, α (e^(x/α) − 1)).
    case celu(alpha: Double)
    /// ln (1 + eˣ).
    case softplus
    /// x / (1 + |x|).
    case softsign
    /// x / (1 + e⁻ˣ), also called swish.
    case silu
    /// max(0, min(1, slope · x + offset)): 0.2 and 0.5 in Keras 2, 1/6 and 0.5 in Keras 3 and PyTorch.
    case hardSigmoid(slope: Double, offset: Double)
    /// x · max(0, min(6, x + 3)) / 6, also called hard silu.
    case hardSwish
    /// eˣ.
    case exponential
    /// x · tanh(ln (1 + eˣ)).
    case mish
    /// x above zero, slope · x below.
    case leakyRelu(slope: Double)
    /// max(−1, min(1, x)).
    case hardTanh
    /// x where |x| > threshold, else zero.
    case hardShrink(threshold: Double)
    /// x moved towards zero by the threshold, zero within it.
    case softShrink(threshold: Double)
    /// x − tanh x.
    case tanhShrink
    /// x above the threshold, else a value.
    case threshold(threshold: Double, value: Double)
    /// −ln (1 + e⁻ˣ).
    case logSigmoid
    /// 0 up to −1, (x + 1)² / 4 up to 1, then x.
    case sparsePlus
    /// 0 up to −1, (x + 1) / 2 up to 1, then 1.
    case sparseSigmoid
    /// (x + √(x² + b)) / 2.
    case squareplus(b: Double)

    /// The constants of selu.
    static let seluConstants = (scale: 1.0507009873554804934193349852946, alpha: 1.6732632423543772848170429916717)

    /// The function's value, by its definition.
    public func apply(_ x: Double) -> Double {
        switch self {
        case .linear: return x
        case .relu(let maxValue, let negativeSlope, let threshold):
            // A slope of zero makes −∞ zero, not NaN.
            if x < threshold { return negativeSlope == 0 ? 0 : negativeSlope * (x - threshold) }
            if let maxValue, x > maxValue { return maxValue }
            return x
        case .sigmoid: return 1 / (1 + exp(-x))
        case .tanh: return Glibc.tanh(x)
        case .gelu(approximate: false): return x * 0.5 * erfc(-x / 2.0.squareRoot())
        case .gelu(approximate: true):
            return 0.5 * x * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .elu(let alpha): return x < 0 ? alpha * expm1(x) : x
        case .selu: return Self.seluConstants.scale * (x < 0 ? Self.seluConstants.alpha * expm1(x) : x)
        case .celu(let alpha): return x < 0 ? alpha * expm1(x / alpha) : x
        case .softplus: return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
        case .softsign: return x / (1 + abs(x))
        case .silu: return x == -.infinity ? 0 : x / (1 + exp(-x))
        case .hardSigmoid(let slope, let offset): return Self.clamp(slope * x + offset, 0, 1)
        case .hardSwish: return x * Self.clamp(x + 3, 0, 6) / 6
        case .exponential: return exp(x)
        case .mish: return x * Glibc.tanh(ActivationFunction.softplus.apply(x))
        case .leakyRelu(let slope): return x < 0 ? slope * x : x
        case .hardTanh: return Self.clamp(x, -1, 1)
        case .hardShrink(let threshold): return abs(x) <= threshold ? 0 : x
        case .softShrink(let threshold):
            return x > threshold ? x - threshold : x < -threshold ? x + threshold : x.isNaN ? x : 0
        case .tanhShrink: return x - Glibc.tanh(x)
        case .threshold(let threshold, let value): return x <= threshold ? value : x
        case .logSigmoid: return -ActivationFunction.softplus.apply(-x)
        case .sparsePlus: return x <= -1 ? 0 : x >= 1 ? x : (x + 1) * (x + 1) / 4
        case .sparseSigmoid: return x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2
        case .squareplus(let b): return (x + (x * x + b).squareRoot()) / 2
        }
    }

    /// x within bounds; NaN stays.
    private static func clamp(_ x: Double, _ low: Double, _ high: Double) -> Double {
        x < low ? low : x > high ? high : x
    }
}
