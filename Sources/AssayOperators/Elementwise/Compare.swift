// Compare: which elements are equal, less, greater.

import AssayGraph
import AssayTensors

/// What `Compare` asks of two elements.
public enum CompareFunction: String, Sendable, Hashable, Codable, CaseIterable {
    /// a = b.
    case equal
    /// a ≠ b; true for NaN.
    case notEqual
    /// a < b.
    case less
    /// a ≤ b.
    case lessEqual
    /// a > b.
    case greater
    /// a ≥ b.
    case greaterEqual

    /// The answer for two elements.
    func holds<Element: Comparable>(_ a: Element, _ b: Element) -> Bool {
        switch self {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .lessEqual: a <= b
        case .greater: a > b
        case .greaterEqual: a >= b
        }
    }
}

/// y = whether a stands to b as asked, with NumPy's broadcasting.
///
/// Operands: a, b. Result: booleans of the shape that both broadcast to.
public struct Compare: Operator {
    /// The name in the JSON form.
    public static let name = "Compare"
    /// The formula.
    public static let formula = "y[…] = a[…] ~ b[…], broadcast"
    /// What is asked.
    public var function: CompareFunction

    /// A comparison of two operands.
    public init(_ function: CompareFunction) { self.function = function }

    /// Booleans are right or wrong.
    public var exactness: Exactness { .exact }

    /// Booleans of the shape that both broadcast to.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let (a, b) = try pair(operands)
        return [Fact(.bool, try broadcast([a, b]), integers: KnownIntegers.combined([a, b]) { fold($0[0], $0[1]) })]
    }

    /// One or zero, where the answer is known. An extent is not negative, whatever it is.
    private func fold(_ a: Dimension, _ b: Dimension) -> Dimension? {
        if let a = a.value, let b = b.value { return function.holds(a, b) ? 1 : 0 }
        if a == b { return function.holds(0, 0) ? 1 : 0 }
        if let a = a.value, a < 0 { return function.holds(-1, 0) ? 1 : 0 }
        if let b = b.value, b < 0 { return function.holds(0, -1) ? 1 : 0 }
        return nil
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let a = try given(operands, 0)
        let b = try given(operands, 1)
        return [
            ReferenceTensor(type, shape) { position in
                let (first, second) = (a.broadcast(position), b.broadcast(position))
                let holds =
                    switch function {
                    case .equal: first == second
                    case .notEqual: first != second
                    case .less: first < second
                    case .lessEqual: first <= second
                    case .greater: first > second
                    case .greaterEqual: first >= second
                    }
                return holds ? 1 : 0
            }
        ]
    }

    /// Row by row, in the operands' own type where both have the same.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (a, b, y) = (call.operand(0), call.operand(1), call.result())
        let loop = BroadcastLoop(result: y.shape, operands: [a.shape, b.shape])
        let steps = loop.steps
        let function = function
        loop.forEachRow(call.threads) { result, offsets, count in
            let target = y.booleans + result
            for index in 0..<count {
                let first = offsets[0] &+ index &* steps[0]
                let second = offsets[1] &+ index &* steps[1]
                let holds: Bool =
                    switch (a.storage, b.storage) {
                    case (.real, .real): function.holds(a.reals[first], b.reals[second])
                    case (.integer, .integer): function.holds(a.integers[first], b.integers[second])
                    default: function.holds(a.double(at: first), b.double(at: second))
                    }
                target[index] = holds ? 1 : 0
            }
        }
    }
}
