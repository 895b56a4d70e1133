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

/// Gives classes to the values of any number of graphs.
struct ValueClasses: Sendable {
    private enum Key: Hashable {
        case input(Int)
        case tensor(type: ElementType, extents: [Int], digest: TensorDigest)
        case result(operation: OperationKey, operands: [ValueClass?], number: Int)
        case opaque(className: String, configuration: String, operands: [ValueClass?], number: Int)
    }

    private struct OperationKey: Hashable {
        let operation: any Operation

        static func == (left: OperationKey, right: OperationKey) -> Bool {
            AnyHashable(left.operation) == AnyHashable(right.operation)
        }

        func hash(into hasher: inout Hasher) { operation.hash(into: &hasher) }
    }

    private var known: [Key: ValueClass] = [:]
    private var count = 0

    /// A class that nothing else has.
    mutating func fresh() -> ValueClass {
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

    /// The class of a tensor by its bits.
    mutating func tensor(_ tensor: Tensor) throws(AssayError) -> ValueClass {
        intern(.tensor(type: tensor.type, extents: tensor.shape.extents, digest: try TensorDigest(tensor)))
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

/// A digest of a tensor's bytes: two independent 64-bit hashes, so that a chance collision is out of reach. It is no
/// protection against somebody who makes collisions on purpose: equal digests are confirmed bit by bit where a verdict
/// hangs on them.
struct TensorDigest: Sendable, Hashable {
    private var first: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var second: UInt64 = 0xC2B2_AE3D_27D4_EB4F

    /// The digest of a tensor's bytes.
    ///
    /// - Throws: `AssayError.unreadable` when it cannot be decoded.
    init(_ tensor: Tensor) throws(AssayError) {
        var digest = (first, second)
        try tensor.forEachPart { (_, part) throws(AssayError) in
            part.withUnsafeBytes { bytes in
                let words = bytes.count / 8
                for index in 0..<words {
                    TensorDigest.mix(&digest, bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
                }
                var tail: UInt64 = UInt64(bytes.count)
                for byte in bytes[(8 * words)...] { tail = tail << 8 | UInt64(byte) }
                TensorDigest.mix(&digest, tail)
            }
        }
        (first, second) = digest
    }

    @inline(__always)
    private static func mix(_ digest: inout (UInt64, UInt64), _ word: UInt64) {
        digest.0 = (digest.0 ^ word) &* 0x9FB2_1C65_1E98_DF25
        digest.0 ^= digest.0 >> 35
        digest.1 = (digest.1 &+ word) &* 0xD6E8_FEB8_6659_FD93
        digest.1 ^= digest.1 >> 32
    }
}
