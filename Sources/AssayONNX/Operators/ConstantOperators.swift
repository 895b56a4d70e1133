// Values that nodes carry or make up.

import AssayGraph
import AssayOperators
import AssayTensors

/// Constants and sequences of numbers.
enum ConstantOperators {
    /// The tensor or number of an attribute.
    static func constant(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let attributes = call.attributes
        if let tensor = try attributes.tensor("value") { return [try call.assembly.value(of: tensor, call)] }
        if let number = try attributes.real("value_float") {
            return [call.constant(Tensor([Float(number)], shape: []))]
        }
        if let number = try attributes.integer("value_int") {
            return [call.constant(Tensor([Int64(number)], shape: []))]
        }
        if let numbers = try attributes.reals("value_floats") {
            return [call.constant(Tensor(numbers.map { Float($0) }, shape: Shape([numbers.count])))]
        }
        if let numbers = try attributes.integers("value_ints") { return [call.vector(numbers)] }
        throw call.unsupported("its value is of a kind that is not known here")
    }

    /// One value everywhere, zero unless an attribute says otherwise.
    static func constantOfShape(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let value = try call.attributes.tensor("value")
        let tensor = try value.map { (value) throws(AssayError) in try call.assembly.file.tensor(value) }
        let number = try tensor?.doubles().first ?? 0
        return [
            try call.add(Fill(shape: [], value: number, type: tensor?.type ?? .f32), call.operand(0))
        ]
    }

    /// Ones on a diagonal.
    static func eyeLike(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let type = try call.attributes.integer("dtype").map { (number) throws(AssayError) in
            try ElementType.onnx(number, object: nil)
        }
        let shape = try Shape(checking: [call.extent(x, axis: 0), call.extent(x, axis: 1)])
        guard shape.count <= 1 << 20, shape.extents.allSatisfy({ $0 <= 1 << 20 }) else {
            throw call.unsupported("its result is too large to be kept")
        }
        let diagonal = try call.integer("k", 0)
        let values = (0..<shape[0]).flatMap { row in (0..<shape[1]).map { $0 - row == diagonal ? 1.0 : 0 } }
        return [call.constant(try Tensor(values, shape: shape).converted(to: type ?? call.type(x)))]
    }

    /// Equally spaced numbers. How many reals there are follows from their values, which must be known then.
    static func range(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let type = call.type(try call.operand(0))
        if type.isFloatingPoint, let start = try call.known(0)?.doubles().first,
            let limit = try call.known(1)?.doubles().first, let step = try call.known(2)?.doubles().first
        {
            guard let count = Int(exactly: max(0, ((limit - start) / step).rounded(.up))), count <= 1 << 20 else {
                throw call.unsupported("its result is too large to be kept")
            }
            let values = (0..<count).map { start + Double($0) * step }
            return [call.constant(try Tensor(values, shape: Shape([values.count])).converted(to: type))]
        }
        return [try call.add(NumberRange(), call.operand(0), call.operand(1), call.operand(2))]
    }

    /// Ones at places that indices say.
    static func oneHot(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard let depth = try call.knownIntegers(1)?.first, let values = try call.known(2), values.shape.count == 2
        else {
            throw .unreadable("needs a depth and two values")
        }
        let indices = try call.operand(0)
        let numbers = try values.doubles()
        // Indices count from the end where they are negative.
        let shifted = try call.add(Binary(.add), indices, call.scalar(Double(depth), like: indices))
        let isNegative = try call.add(Compare(.less), indices, call.scalar(0, like: indices))
        let counted = try call.add(Where(), isNegative, shifted, indices)
        let operation = OneHot(depth: depth, axis: try call.integer("axis", -1), on: numbers[1], off: numbers[0])
        return [try call.cast(call.add(operation, counted), to: values.type)]
    }
}
