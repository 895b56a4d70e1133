// Arithmetic, comparisons and logic on operands that broadcast.

import AssayGraph
import AssayOperators
import AssayTensors

/// Functions of several operands, element by element.
enum ArithmeticOperators {
    /// Arithmetic on two operands.
    static func binary(_ function: BinaryFunction) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in [try call.add(Binary(function), call.operand(0), call.operand(1))] }
    }

    /// A product; one times a value is the value.
    static func multiply(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let (a, b) = (try call.operand(0), try call.operand(1))
        if isOne(b, beside: a, call) { return [a] }
        if isOne(a, beside: b, call) { return [b] }
        return [try call.add(Binary(.multiply), a, b)]
    }

    /// Whether a value is the number one and does not widen the shape of the other.
    private static func isOne(_ value: ValueID, beside other: ValueID, _ call: ONNXCall) -> Bool {
        guard let tensor = call.assembly.constant(value), tensor.shape.count == 1,
            let rank = call.fact(other).rank, tensor.shape.rank <= rank
        else { return false }
        return (try? tensor.doubles()) == [1]
    }

    /// A quotient; of integers cut towards zero.
    static func divide(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let (a, b) = (try call.operand(0), try call.operand(1))
        if isOne(b, beside: a, call) { return [a] }
        let function: BinaryFunction = call.type(a).isFloatingPoint ? .divide : .truncatedDivide
        return [try call.add(Binary(function), a, b)]
    }

    /// A remainder, with the sign of the divisor, or of the dividend with `fmod`.
    static func modulo(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let function: BinaryFunction = try call.flag("fmod") ? .truncatedModulo : .modulo
        return [try call.add(Binary(function), call.operand(0), call.operand(1))]
    }

    /// A power, of the base's type.
    static func power(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let base = try call.operand(0)
        return [try call.cast(call.add(Binary(.power), base, call.operand(1)), to: call.type(base))]
    }

    /// A function of any number of operands, two by two.
    static func variadic(_ function: BinaryFunction) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in [try reduced(call, function)] }
    }

    /// The mean of any number of operands.
    static func mean(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let sum = try reduced(call, .add)
        return [try call.add(Binary(.divide), sum, call.scalar(Double(call.operands.count), like: sum))]
    }

    private static func reduced(_ call: ONNXCall, _ function: BinaryFunction) throws(AssayError) -> ValueID {
        var result = try call.operand(0)
        for index in call.operands.indices.dropFirst() {
            result = try call.add(Binary(function), result, call.operand(index))
        }
        return call.operands.count == 1 ? try call.add(Identity(), result) : result
    }

    /// A comparison.
    static func compare(_ function: CompareFunction) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in [try call.add(Compare(function), call.operand(0), call.operand(1))] }
    }

    /// A connection of two truths.
    static func logical(_ function: LogicalFunction) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in [try call.add(Logical(function), call.operand(0), call.operand(1))] }
    }

    /// The opposite of a truth.
    static func not(_ call: ONNXCall) throws(AssayError) -> [ValueID] { [try call.add(LogicalNot(), call.operand(0))] }

    /// A choice.
    static func choose(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        [try call.add(Where(), call.operand(0), call.operand(1), call.operand(2))]
    }
}
