// Logical: and, or, exclusive or of booleans.

import AssayGraph
import AssayTensors

/// What `Logical` does with two truths.
public enum LogicalFunction: String, Sendable, Hashable, Codable, CaseIterable {
    /// Both.
    case and
    /// At least one.
    case or
    /// Exactly one.
    case xor
}

/// y = a and/or/xor b with NumPy's broadcasting; an operand that is no boolean counts as true where it is not zero.
///
/// Operands: a, b. Result: booleans of the shape that both broadcast to.
public struct Logical: Operator {
    /// The name in the JSON form.
    public static let name = "Logical"
    /// The formula.
    public static let formula = "y[…] = a[…] ∧ b[…] (∨, ⊕), broadcast"
    /// What is done with two truths.
    public var function: LogicalFunction

    /// A combination of two truths.
    public init(_ function: LogicalFunction) { self.function = function }

    /// Booleans are right or wrong.
    public var exactness: Exactness { .exact }

    /// All three are.
    public var isCommutative: Bool { true }

    /// Booleans of the shape that both broadcast to.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let (a, b) = try pair(operands)
        return [Fact(.bool, try broadcast([a, b]))]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let a = try given(operands, 0)
        let b = try given(operands, 1)
        return [
            ReferenceTensor(type, shape) { position in
                let (first, second) = (a.broadcast(position) != 0, b.broadcast(position) != 0)
                return switch function {
                case .and: first && second ? 1 : 0
                case .or: first || second ? 1 : 0
                case .xor: first != second ? 1 : 0
                }
            }
        ]
    }

    /// Row by row, on bytes.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (a, b, y) = (call.operand(0), call.operand(1), call.result())
        let loop = BroadcastLoop(result: y.shape, operands: [a.shape, b.shape])
        let steps = loop.steps
        let function = function
        loop.forEachRow(call.threads) { result, offsets, count in
            for index in 0..<count {
                let first = a.bit(offsets[0] &+ index &* steps[0])
                let second = b.bit(offsets[1] &+ index &* steps[1])
                y.booleans[result + index] =
                    switch function {
                    case .and: first & second
                    case .or: first | second
                    case .xor: first ^ second
                    }
            }
        }
    }
}

extension FastTensor {
    /// 1 where the element is not zero.
    @inline(__always)
    func bit(_ index: Int) -> UInt8 {
        switch storage {
        case .boolean: booleans[index]
        case .integer: integers[index] == 0 ? 0 : 1
        case .real: reals[index] == 0 ? 0 : 1
        }
    }
}
