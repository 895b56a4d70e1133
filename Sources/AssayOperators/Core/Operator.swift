// What every operator gives: attributes, shape rule, cost, exactness (see Operation), and two evaluations that share no
// code: the reference in plain Double loops, and the fast one.

import AssayGraph
import AssayTensors

/// An operator that can be run.
///
/// One operator is one file, which holds its attributes, formula, shape rule, reference and fast evaluation, and one line
/// in `Registry.swift`.
public protocol Operator: Operation {
    /// The formula, in one line, as its framework or paper defines it.
    static var formula: String { get }

    /// Evaluates by the definition, in plain loops over doubles: the oracle that everything else is compared with.
    ///
    /// - Throws: `AssayError` when the values do not fit (an index outside a table).
    func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor]

    /// Evaluates fast, in the precision of `Scalar`. Results have their shapes already; one that nobody asked for is nil.
    /// Mark it `@specialized(where Scalar == Float) @specialized(where Scalar == Double)`: it is called through an
    /// existential.
    ///
    /// - Throws: `AssayError` when the values do not fit (an index outside a table).
    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError)

    /// Memory beyond operands and results that one fast evaluation needs, in elements of its scalar.
    func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int

    /// Whether `fast` applies `FastCall.followers` to result 0, operands of these shapes being real. They are empty otherwise.
    func takesFollowers(_ operands: [Shape?]) -> Bool

    /// Whether `fast` may put result 0 where an operand of its shape and storage lies: it reads no element there after it
    /// has written it, unless it is its own place.
    func canOverwrite(operand: Int) -> Bool
}

extension Operator {
    /// None.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int { 0 }
    /// No.
    public func takesFollowers(_ operands: [Shape?]) -> Bool { false }
    /// No.
    public func canOverwrite(operand: Int) -> Bool { false }
}

extension Operation {
    /// An error that says what an operand should have been.
    public func mismatch(_ message: String, expected: String? = nil, found: String? = nil) -> AssayError {
        .unreadable("\(Self.name): \(message)", expected: expected, found: found)
    }

    /// The fact of an operand that must be there.
    ///
    /// - Throws: `AssayError.unreadable` when it is left out.
    public func require(_ operands: [Fact?], _ index: Int, _ role: String) throws(AssayError) -> Fact {
        guard operands.indices.contains(index), let fact = operands[index] else {
            throw mismatch("\(role) is missing")
        }
        return fact
    }
}
