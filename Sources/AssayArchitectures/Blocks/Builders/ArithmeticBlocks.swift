// Sums and products of values.

import AssayGraph
import AssayOperators
import AssayTensors

/// The sum of all operands, from left to right.
enum AddBlock: BlockBuilder {
    static let name = "add"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        var sum = try call.operand(0)
        for operand in call.operands.dropFirst() { sum = try call.add(Binary(.add), sum, operand) }
        return [sum]
    }
}

/// The product of two operands.
enum MultiplyBlock: BlockBuilder {
    static let name = "multiply"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        [try call.add(Binary(.multiply), call.operand(0), call.operand(1))]
    }
}

/// A multiple of the operand.
enum ScaleBlock: BlockBuilder {
    static let name = "scale"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        return [try call.add(Binary(.multiply), x, call.scalar(call.number("factor"), like: x))]
    }
}

/// The sum of the operand and a vector that the enclosing module owns.
enum BiasBlock: BlockBuilder {
    static let name = "bias"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        [try call.add(Binary(.add), call.operand(0), call.parameter("bias"))]
    }
}
