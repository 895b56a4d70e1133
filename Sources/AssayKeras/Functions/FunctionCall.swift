// The arguments of a function: operands that may be tensors or plain values, and attributes.

import AssayGraph
import AssayOperators
import AssayTensors

/// One call of a function. An argument may stand in the call by position or by name, or, for `keras.ops` nodes, in the
/// configuration.
struct FunctionCall {
    /// The call as any layer has it.
    let call: KerasCall

    // MARK: Attributes

    /// The plain value called one of `names`, or at `position`; nil where it is left out or `None`.
    func attribute(_ names: String..., at position: Int? = nil) -> JSON? {
        for name in names {
            if let value = call.constant(name) ?? call.configuration[name] { return value }
        }
        return position.flatMap { call.constant("", at: $0) }
    }

    /// An integer attribute; `standard` where it is left out.
    func integer(_ names: String..., at position: Int? = nil, default standard: Int) throws(AssayError) -> Int {
        guard let value = first(names, position) else { return standard }
        guard let integer = value.integer else { throw wrong(names, expected: "an integer", value) }
        return integer
    }

    /// A number attribute, nil where it is left out.
    func number(_ names: String..., at position: Int? = nil) throws(AssayError) -> Double? {
        guard let value = first(names, position) else { return nil }
        guard let number = FunctionCall.plain(value).number else { throw wrong(names, expected: "a number", value) }
        return number
    }

    /// A truth value; `standard` where it is left out.
    func boolean(_ names: String..., at position: Int? = nil, default standard: Bool) throws(AssayError) -> Bool {
        guard let value = first(names, position) else { return standard }
        guard let boolean = value.bool else { throw wrong(names, expected: "true or false", value) }
        return boolean
    }

    /// A list of integers, or a lone one; nil where it is left out.
    func integers(_ names: String..., at position: Int? = nil) throws(AssayError) -> [Int]? {
        guard let value = first(names, position) else { return nil }
        let plain = FunctionCall.plain(value)
        var integers: [Int] = []
        for element in plain.array ?? [plain] {
            guard let integer = element.integer, integer.magnitude <= KerasConfiguration.largestCount else {
                throw wrong(names, expected: "integers", value)
            }
            integers.append(integer)
        }
        return integers
    }

    /// An element type, nil where it is left out.
    func elementType(_ names: String..., at position: Int? = nil) throws(AssayError) -> ElementType? {
        guard let value = first(names, position) else { return nil }
        guard let name = value.string ?? value["config"]?.string, let type = ElementType(displayName: name) else {
            throw wrong(names, expected: "an element type", value)
        }
        return type
    }

    private func first(_ names: [String], _ position: Int?) -> JSON? {
        for name in names {
            if let value = call.constant(name) ?? call.configuration[name] { return value }
        }
        return position.flatMap { call.constant("", at: $0) }
    }

    private func wrong(_ names: [String], expected: String, _ found: JSON) -> AssayError {
        .unreadable(
            "\(call.configuration.className): wrong \(names.first ?? "argument")", expected: expected,
            found: String(found.text().prefix(60)), object: call.configuration.path)
    }

    // MARK: Operands

    /// The operand called one of `names`, or at `position`: a tensor, or a plain value as a constant.
    ///
    /// - Throws: `AssayError.unreadable` when it is left out.
    func operand(_ names: String..., at position: Int, like other: ValueID? = nil) throws(AssayError) -> ValueID {
        guard let argument = argument(names, position) else {
            throw call.configuration.unsupported("operand \(names.first ?? "\(position)") is missing")
        }
        return try value(of: argument, like: other)
    }

    /// The operand called one of `names`, or at `position`; nil where it is left out.
    func optionalOperand(_ names: String..., at position: Int? = nil) throws(AssayError) -> ValueID? {
        guard let argument = argument(names, position) else { return nil }
        return try value(of: argument, like: nil)
    }

    /// Two operands that meet: a plain value among them takes the type of the other.
    func pair() throws(AssayError) -> (ValueID, ValueID) {
        let names = (["x1", "x", "a", "start"], ["x2", "y", "b"])
        guard let first = argument(names.0, 0), let second = argument(names.1, 1) else {
            throw call.configuration.unsupported("takes two operands")
        }
        let a = try value(of: first, like: second.tensor)
        return (a, try value(of: second, like: first.tensor ?? a))
    }

    /// The elements of a list of operands: the first argument, or all of them.
    func list() throws(AssayError) -> [ValueID] {
        guard case .list(let elements)? = argument(["xs", "arrays", "values", "x"], 0) else {
            return try [operand("x", at: 0)]
        }
        let like = elements.compactMap(\.tensor).first
        var values: [ValueID] = []
        for element in elements { values.append(try value(of: element, like: like)) }
        return values
    }

    private func argument(_ names: [String], _ position: Int?) -> CallArgument<ValueID>? {
        for name in names {
            if let found = call.arguments.keyword[name], !found.isNone { return found }
        }
        return position.flatMap { call.arguments.argument("", at: $0) }
    }

    private func value(of argument: CallArgument<ValueID>, like other: ValueID?) throws(AssayError) -> ValueID {
        if let tensor = argument.tensor { return tensor }
        guard let json = argument.json else {
            throw call.configuration.unsupported("an operand is a list with tensors in it")
        }
        return try constant(json, like: other)
    }

    // MARK: Constants

    /// `{"class_name": "__tensor__" | "__numpy__", "config": {"value": …}}` is its value.
    static func plain(_ json: JSON) -> JSON {
        json["config"]?["value"] ?? json
    }

    /// A number, or nested lists of numbers, as a constant. Its type is the one that it names, or that of what it meets.
    func constant(_ json: JSON, like other: ValueID?) throws(AssayError) -> ValueID {
        let plain = FunctionCall.plain(json)
        var numbers: [Double] = []
        var extents: [Int] = []
        var isIntegral = true
        guard FunctionCall.collect(plain, depth: 0, &numbers, &extents, &isIntegral),
            numbers.count == extents.reduce(1, *)
        else { throw call.configuration.unsupported("an operand is no array of numbers: \(json.text().prefix(60))") }
        let named = json["config"]?["dtype"]?.string.flatMap { ElementType(displayName: $0) }
        let met = other.map { call.fact(of: $0).type }
        let type = named ?? (isIntegral || (met?.isFloatingPoint ?? false) ? met : nil) ?? (isIntegral ? .i32 : .f32)
        return call.constant(FunctionCall.tensor(numbers, Shape(extents), type))
    }

    private static func tensor(_ numbers: [Double], _ shape: Shape, _ type: ElementType) -> Tensor {
        switch type {
        case .bool: Tensor(numbers.map { $0 != 0 }, shape: shape)
        case .f64: Tensor(numbers, shape: shape)
        case let type where type.isFloatingPoint: Tensor(numbers.map { Float($0) }, shape: shape)
        case .i64, .u64: Tensor(numbers.map { Int64(exactly: $0.rounded(.towardZero)) ?? 0 }, shape: shape)
        default: Tensor(numbers.map { Int32(exactly: $0.rounded(.towardZero)) ?? 0 }, shape: shape)
        }
    }

    /// The numbers of nested lists, row-major, and their extents; false where lists are ragged or hold anything else.
    private static func collect(
        _ json: JSON, depth: Int, _ numbers: inout [Double], _ extents: inout [Int], _ isIntegral: inout Bool
    ) -> Bool {
        if let elements = json.array {
            guard depth < Shape.maximumRank else { return false }
            if extents.count == depth { extents.append(elements.count) }
            guard extents[depth] == elements.count else { return false }
            return elements.allSatisfy { collect($0, depth: depth + 1, &numbers, &extents, &isIntegral) }
        }
        guard depth == extents.count, let number = json.number ?? json.bool.map({ $0 ? 1 : 0 }) else { return false }
        if case .number = json { isIntegral = false }
        numbers.append(number)
        return true
    }
}
