// What the values of a layer can be, by the operator that made them: when a unit is dead, and when it is saturated.

import AssayGraph
import AssayOperators

/// The kind of values that a layer gives, as far as its last operator tells.
public enum ActivationClass: Sendable, Hashable {
    /// Anything; a unit is dead when it is always zero.
    case unbounded
    /// Zero or almost nothing below a threshold; a unit is dead when it is never above zero, saturated at `upper`.
    case rectifier(upper: Double?)
    /// Between two limits; a unit is saturated when it is always within a hundredth of the range from one of them.
    case bounded(lower: Double, upper: Double)
    /// Probabilities along the last axis, which have an entropy.
    case probabilities

    /// The share of the range beside each limit in which a bounded value is saturated.
    static let saturationShare = 0.01

    /// The kind of values of `value`. Operators that only move elements are looked through.
    public init(of value: ValueID, in graph: Graph) {
        var value = value
        while true {
            guard case .node(let id, let result) = graph[value].origin else {
                self = .unbounded
                return
            }
            let node = graph[id]
            switch node.operation {
            case is Identity, is Reshape, is Squeeze, is ExpandDims, is Transpose:
                guard let operand = node.operands.first ?? nil else {
                    self = .unbounded
                    return
                }
                value = operand
            case let operation:
                self = ActivationClass(operation, result: result)
                return
            }
        }
    }

    /// The kind of values that an operator's result has.
    private init(_ operation: any Operation, result: Int) {
        switch operation {
        case let activation as Activation: self.init(activation.function)
        case is Softmax: self = .probabilities
        case is Attention where result == 1: self = .probabilities
        // The output gate and the blend of states keep what the activation bounds.
        case let lstm as LSTM where result < 2: self = ActivationClass(lstm.activation).recurrent
        case let gru as GRU: self = ActivationClass(gru.activation).recurrent
        case let recurrent as SimpleRNN: self = ActivationClass(recurrent.activation)
        default: self = .unbounded
        }
    }

    /// The kind of values of an activation function.
    public init(_ function: ActivationFunction) {
        switch function {
        case .relu(let maxValue, let slope, _) where slope == 0: self = .rectifier(upper: maxValue)
        case .gelu, .silu, .mish, .hardSwish, .softplus, .sparsePlus, .elu, .selu, .celu, .exponential, .relu,
            .leakyRelu, .squareplus:
            self = .rectifier(upper: nil)
        case .sigmoid, .hardSigmoid, .sparseSigmoid: self = .bounded(lower: 0, upper: 1)
        case .tanh, .softsign, .hardTanh: self = .bounded(lower: -1, upper: 1)
        default: self = .unbounded
        }
    }

    /// The same for what a gated recurrent layer makes of it.
    private var recurrent: ActivationClass {
        if case .bounded(let lower, let upper) = self {
            .bounded(lower: min(lower, 0), upper: max(upper, 0))
        } else {
            .unbounded
        }
    }

    /// Whether a unit with this value does something.
    @inline(__always)
    func isActive(_ value: Double) -> Bool {
        if case .rectifier = self { value > 0 } else { value != 0 }
    }

    /// Whether a unit with this value is at a limit.
    @inline(__always)
    func isSaturated(_ value: Double) -> Bool {
        switch self {
        case .rectifier(let upper?): return value >= upper
        case .bounded(let lower, let upper):
            let margin = (upper - lower) * ActivationClass.saturationShare
            return value <= lower + margin || value >= upper - margin
        default: return false
        }
    }
}
