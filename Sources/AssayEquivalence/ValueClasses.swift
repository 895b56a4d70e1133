// Values that are provably the same function of the inputs, found without running anything.
//
// Every value gets a class by hash-consing: the operator with its attributes and the classes of its operands; parameters
// and constants count by their bits. Two values of one class, in whichever graph, are equal bit for bit on every input.

import AssayGraph
import AssayTensors

/// A set of values that are the same function of the inputs.
struct ValueClass: Sendable, Hashable {
    let index: Int
}

/// An operator with its attributes, as a key.
struct OperationKey: Hashable {
    let operation: any Operation

    static func == (left: OperationKey, right: OperationKey) -> Bool {
        AnyHashable(left.operation) == AnyHashable(right.operation)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(type(of: operation)))
        operation.hash(into: &hasher)
    }
}

/// Gives classes to the values of any number of graphs.
struct ValueClasses: Sendable {
    private enum Key: Hashable {
        case input(Int)
        case result(operation: OperationKey, operands: [ValueClass?], number: Int)
        case opaque(className: String, configuration: String, operands: [ValueClass?], number: Int)
    }

    /// A class of tensors, with the means to see one of them again.
    private struct TensorClass {
        let valueClass: ValueClass
        let stored: StoredView
    }

    private var known: [Key: ValueClass] = [:]
    private var tensors: [StoredView.Sample: [TensorClass]] = [:]
    private var count = 0

    private mutating func fresh() -> ValueClass {
        count += 1
        return ValueClass(index: count - 1)
    }

    private mutating func intern(_ key: Key) -> ValueClass {
        if let found = known[key] { return found }
        let new = fresh()
        known[key] = new
        return new
    }

    /// The class of the model's n-th input.
    mutating func input(_ index: Int) -> ValueClass { intern(.input(index)) }

    /// The class of a stored value by its bits: a sample of them finds the candidates, and every bit decides. Only views are
    /// kept, so that no value that was moved stays in memory.
    mutating func stored(_ value: StoredView) throws(AssayError) -> ValueClass {
        let sample = try value.sample()
        for candidate in tensors[sample] ?? [] where try value.isBitEqual(to: candidate.stored) {
            return candidate.valueClass
        }
        let new = TensorClass(valueClass: fresh(), stored: value)
        tensors[sample, default: []].append(new)
        return new.valueClass
    }

    /// The class of a result of an operator that nobody can run: the same as that of another of the same class with the same
    /// configuration, weights and operands.
    mutating func opaque(
        _ operation: Opaque, configuration: String, operands: [ValueClass?], number: Int
    ) -> ValueClass {
        intern(
            .opaque(
                className: operation.className, configuration: configuration, operands: operands, number: number))
    }

    /// The class of a result. Operators that only pass an operand on give its class.
    mutating func result(_ node: Node, number: Int, operands: [ValueClass?]) -> ValueClass {
        let areSame = operands.allSatisfy { $0 == operands.first }
        if number == 0, let passed = node.operation.passedOperand(operandsAreSame: areSame),
            operands.indices.contains(passed), let found = operands[passed]
        {
            return found
        }
        var operands = operands
        if node.operation.isCommutative {
            operands.sort { ($0?.index ?? -1) < ($1?.index ?? -1) }
        }
        while let last = operands.last, last == nil { operands.removeLast() }
        return intern(.result(operation: OperationKey(operation: node.operation), operands: operands, number: number))
    }
}
