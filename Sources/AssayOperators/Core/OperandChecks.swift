// Checks of operands that shape rules share.

import AssayGraph
import AssayTensors

extension Operation {
    /// The fact of a floating-point operand that must be there.
    ///
    /// - Throws: `AssayError.unreadable` when it is left out or holds integers.
    func requireReal(_ operands: [Fact?], _ index: Int, _ role: String) throws(AssayError) -> Fact {
        let fact = try require(operands, index, role)
        guard fact.type.isFloatingPoint else {
            throw mismatch("wrong type of \(role)", expected: "floating point", found: fact.type.displayName)
        }
        return fact
    }

    /// Checks an operand that may be left out against the shape and type (nil: any floating-point one) that it must have.
    ///
    /// - Throws: `AssayError.unreadable` when it is there and does not fit.
    func check(
        _ operands: [Fact?], _ index: Int, _ role: String, _ expected: [Dimension], type: ElementType? = nil
    ) throws(AssayError) {
        guard operands.indices.contains(index), let fact = operands[index] else { return }
        guard type.map({ fact.type == $0 }) ?? fact.type.isFloatingPoint else {
            throw mismatch(
                "wrong type of \(role)", expected: type?.displayName ?? "floating point", found: fact.type.displayName)
        }
        guard let shape = fact.shape else { return }
        guard shape.count == expected.count, zip(shape, expected).allSatisfy({ $0.isCompatible(with: $1) }) else {
            throw mismatch("wrong \(role)", expected: expected.text, found: shape.text)
        }
    }

    /// Checks an operand that may be left out: its shape must broadcast to `target` by NumPy's rule.
    ///
    /// - Throws: `AssayError.unreadable` when it is there and does not fit.
    func checkBroadcast(
        _ operands: [Fact?], _ index: Int, _ role: String, to target: [Dimension], type: ElementType? = nil
    ) throws(AssayError) {
        guard operands.indices.contains(index), let shape = operands[index]?.shape else { return }
        guard shape.count <= target.count else {
            throw mismatch("wrong \(role)", expected: "broadcastable to \(target.text)", found: shape.text)
        }
        // An extent of one fits everywhere; put the target's in its place, then all must agree.
        let part = Array(target.suffix(shape.count))
        let expected = zip(shape, part).map { $0 == .known(1) ? $0 : $1 }
        try check(operands, index, role, expected, type: type)
    }
}
