// Checks of operands that shape rules share: presence, type and shape at once.

import AssayGraph
import AssayTensors

extension Operation {
    /// The fact of a floating-point operand that must be there.
    ///
    /// - Throws: `AssayError.unreadable` when it is left out or holds integers.
    func requireReal(_ operands: [Fact?], _ index: Int, _ role: String) throws(AssayError) -> Fact {
        let fact = try require(operands, index, role)
        try requireType(fact, nil, role)
        return fact
    }

    /// Checks the type of an operand that may be left out; nil stands for any floating-point type.
    private func requireType(_ fact: Fact?, _ type: ElementType?, _ role: String) throws(AssayError) {
        guard let fact else { return }
        guard type.map({ fact.type == $0 }) ?? fact.type.isFloatingPoint else {
            throw mismatch(
                "wrong type of \(role)", expected: type?.displayName ?? "floating point", found: fact.type.displayName)
        }
    }

    /// Checks an operand that may be left out against the shape and type (nil: any floating-point one) that it must have.
    ///
    /// - Throws: `AssayError.unreadable` when it is there and does not fit.
    func check(
        _ operands: [Fact?], _ index: Int, _ role: String, _ expected: [Dimension], type: ElementType? = nil
    ) throws(AssayError) {
        try requireType(operands[optional: index], type, role)
        try requireShape(operands[optional: index], expected, role: role)
    }

    /// Checks an operand that may be left out: its shape must broadcast to `target`, and its type be `type` (nil: any
    /// floating-point one).
    ///
    /// - Throws: `AssayError.unreadable` when it is there and does not fit.
    func checkBroadcast(
        _ operands: [Fact?], _ index: Int, _ role: String, to target: [Dimension], type: ElementType? = nil
    ) throws(AssayError) {
        try requireType(operands[optional: index], type, role)
        try requireBroadcast(operands[optional: index], to: target, role: role)
    }
}
