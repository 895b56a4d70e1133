// Functions of one operand, element by element.

import AssayGraph
import AssayOperators
import AssayTensors

/// Functions of one operand.
enum ElementwiseOperators {
    /// An elementary function.
    static func unary(_ function: UnaryFunction) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in [try call.add(Unary(function), call.operand(0))] }
    }

    /// The operand itself.
    static func identity(_ call: ONNXCall) throws(AssayError) -> [ValueID] { [try call.operand(0)] }

    /// Dropout in inference: the operand, and a mask that keeps everything.
    static func dropout(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        if call.optional(2) != nil, try call.known(2)?.doubles().first ?? 0 != 0 {
            throw call.unsupported("drops elements at random")
        }
        let x = try call.operand(0)
        guard call.hasOutput(1) else { return [x] }
        return [x, try call.add(Fill(shape: [], value: 1, type: .bool), call.add(ShapeOf(), x))]
    }

    /// Whether an element is infinite; attributes leave out one of the signs.
    static func isInfinite(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        switch (try call.flag("detect_negative", true), try call.flag("detect_positive", true)) {
        case (true, true): return [try call.add(Unary(.isInfinite), x)]
        case (false, true): return [try call.add(Compare(.equal), x, call.scalar(.infinity, like: x))]
        case (true, false): return [try call.add(Compare(.equal), x, call.scalar(-.infinity, like: x))]
        case (false, false): return [try call.add(Compare(.notEqual), x, x)]
        }
    }

    /// Another type, given by number.
    static func cast(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard let number = try call.attributes.integer("to") else { throw .unreadable("does not say the type") }
        return [try call.cast(call.operand(0), to: .onnx(number, object: nil))]
    }

    /// The type of another value.
    static func castLike(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        [try call.cast(call.operand(0), to: call.type(call.operand(1)))]
    }

    /// Values within bounds, which are attributes up to opset 10 and inputs since.
    static func clip(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        if call.opset < 11 {
            return [
                try call.add(
                    Clip(minimum: call.attributes.real("min"), maximum: call.attributes.real("max")), x)
            ]
        }
        let bounds = [call.optional(1), call.optional(2)]
        let known = bounds.map { $0.flatMap { call.assembly.constant($0) } }
        if zip(bounds, known).allSatisfy({ $0 == nil || $1 != nil }) {
            return [
                try call.add(
                    Clip(minimum: known[0]?.doubles().first, maximum: known[1]?.doubles().first), x)
            ]
        }
        var result = x
        if let minimum = bounds[0] { result = try call.add(Binary(.maximum), result, minimum) }
        if let maximum = bounds[1] { result = try call.add(Binary(.minimum), result, maximum) }
        return [result]
    }
}
