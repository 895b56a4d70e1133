// Activation functions by name and parameters, with the one definition of each in double precision.

import Glibc

/// A function of one number that layers apply to each element. Parameters are Keras's unless said otherwise.
public enum ActivationFunction: Sendable, Hashable, Codable {
    /// x.
    case linear
    /// max(x, 0), cut at `maxValue`, with `negativeSlope · (x − threshold)` below `threshold`.
    case relu(maxValue: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0)
    /// 1 / (1 + e⁻ˣ).
    case sigmoid
    /// The hyperbolic tangent.
    case tanh
    /// x · Φ(x) (Hendrycks & Gimpel 2016), or its approximation by tanh.
    case gelu(approximate: Bool)
    /// x, or alpha · (eˣ − 1) below zero.
    case elu(alpha: Double)
    /// The self-normalising ELU (Klambauer et al. 2017).
    case selu
    /// max(x, 0) + min(0, alpha · (e^(x / alpha) − 1)).
    case celu(alpha: Double)
    /// ln(1 + eˣ).
    case softplus
    /// x / (1 + |x|).
    case softsign
    /// x · sigmoid(x), also called swish.
    case silu
    /// max(0, min(1, slope · x + offset)): 0.2 and 0.5 in Keras 2, 1/6 and 0.5 in Keras 3 and PyTorch.
    case hardSigmoid(slope: Double, offset: Double)
    /// x · max(0, min(1, x / 6 + 1/2)).
    case hardSwish
    /// eˣ.
    case exponential
    /// x · tanh(softplus(x)).
    case mish
    /// x, or slope · x below zero.
    case leakyRelu(slope: Double)
    /// max(−1, min(1, x)).
    case hardTanh
    /// x, or zero where |x| ≤ threshold.
    case hardShrink(threshold: Double)
    /// sign(x) · max(|x| − threshold, 0).
    case softShrink(threshold: Double)
    /// x − tanh(x).
    case tanhShrink
    /// x where it is above threshold, else value.
    case threshold(threshold: Double, value: Double)
    /// ln(sigmoid(x)).
    case logSigmoid
    /// 0 up to −1, x from 1 on, (x + 1)² / 4 between.
    case sparsePlus
    /// 0 up to −1, 1 from 1 on, (x + 1) / 2 between.
    case sparseSigmoid
    /// (x + √(x² + b)) / 2.
    case squareplus(b: Double)
}

extension ActivationFunction {
    /// The function's value by its definition.
    public func apply(_ x: Double) -> Double {
        switch self {
        case .linear: x
        case .relu(let maxValue, let negativeSlope, let threshold):
            x >= threshold ? min(x, maxValue ?? .infinity) : negativeSlope * (x - threshold)
        case .sigmoid: 1 / (1 + exp(-x))
        case .tanh: Glibc.tanh(x)
        case .gelu(let approximate): Self.gelu(x, approximate)
        case .elu(let alpha): x > 0 ? x : alpha * expm1(x)
        case .selu: 1.0507009873554804934193349852946 * (x > 0 ? x : 1.6732632423543772848170429916717 * expm1(x))
        case .celu(let alpha): max(x, 0) + min(0, alpha * expm1(x / alpha))
        case .softplus: Self.softplus(x)
        case .softsign: x / (1 + abs(x))
        case .silu: x / (1 + exp(-x))
        case .hardSigmoid(let slope, let offset): max(0, min(1, slope * x + offset))
        case .hardSwish: x * max(0, min(1, x / 6 + 0.5))
        case .exponential: exp(x)
        case .mish: x * Glibc.tanh(Self.softplus(x))
        case .leakyRelu(let slope): x > 0 ? x : slope * x
        case .hardTanh: max(-1, min(1, x))
        case .hardShrink(let threshold): abs(x) > threshold ? x : 0
        case .softShrink(let threshold): x > threshold ? x - threshold : x < -threshold ? x + threshold : 0
        case .tanhShrink: x - Glibc.tanh(x)
        case .threshold(let threshold, let value): x > threshold ? x : value
        case .logSigmoid: -Self.softplus(-x)
        case .sparsePlus: x <= -1 ? 0 : x >= 1 ? x : (x + 1) * (x + 1) / 4
        case .sparseSigmoid: x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2
        case .squareplus(let b): (x + (x * x + b).squareRoot()) / 2
        }
    }

    /// ln(1 + eˣ) without overflow, and without cancellation for very negative x.
    private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

    private static func gelu(_ x: Double, _ approximate: Bool) -> Double {
        guard approximate else { return 0.5 * x * erfc(-x * 0.5.squareRoot()) }
        return 0.5 * x * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
}
