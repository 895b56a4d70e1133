// The attributes of a node, by name and type.

import AssayTensors

/// The attributes of one node. A node of a function may take one from the function's call.
struct NodeAttributes {
    private var attributes: [String: ONNXAttributeProto] = [:]

    /// The attributes of a node, references to attributes of a call resolved by `call`.
    init(_ attributes: [ONNXAttributeProto], call: NodeAttributes? = nil) {
        for attribute in attributes {
            guard attribute.hasRefAttrName, !attribute.refAttrName.isEmpty else {
                self.attributes[attribute.name] = attribute
                continue
            }
            self.attributes[attribute.name] = call?.attributes[attribute.refAttrName]
        }
    }

    /// The same with defaults for those that are not given.
    func withDefaults(_ defaults: [ONNXAttributeProto]) -> NodeAttributes {
        var result = self
        for attribute in defaults where result.attributes[attribute.name] == nil {
            result.attributes[attribute.name] = attribute
        }
        return result
    }

    /// Whether there is an attribute of this name.
    func has(_ name: String) -> Bool { attributes[name] != nil }

    /// An integer.
    func integer(_ name: String) throws(AssayError) -> Int? {
        try attribute(name, .int).map { Int($0.i) }
    }

    /// A real.
    func real(_ name: String) throws(AssayError) -> Double? {
        try attribute(name, .float).map { Double($0.f) }
    }

    /// A text.
    func text(_ name: String) throws(AssayError) -> String? {
        try attribute(name, .string).map { String(decoding: $0.s, as: UTF8.self) }
    }

    /// Integers.
    func integers(_ name: String) throws(AssayError) -> [Int]? {
        try attribute(name, .ints).map { $0.ints.map { Int($0) } }
    }

    /// Reals.
    func reals(_ name: String) throws(AssayError) -> [Double]? {
        try attribute(name, .floats).map { $0.floats.map { Double($0) } }
    }

    /// Texts.
    func texts(_ name: String) throws(AssayError) -> [String]? {
        try attribute(name, .strings).map { $0.strings.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// A tensor as the file has it.
    func tensor(_ name: String) throws(AssayError) -> ONNXTensorProto? {
        try attribute(name, .tensor).map(\.t)
    }

    /// A graph.
    func graph(_ name: String) throws(AssayError) -> ONNXGraphProto? {
        try attribute(name, .graph).map(\.g)
    }

    /// The attribute of this name, which must be of this type. Old files do not say the type.
    private func attribute(
        _ name: String, _ type: ONNXAttributeProto.AttributeType
    ) throws(AssayError) -> ONNXAttributeProto? {
        guard let attribute = attributes[name] else { return nil }
        guard !attribute.hasType || attribute.type == type || attribute.type == .undefined else {
            throw .unreadable(
                "the attribute \(name) is of another type", expected: "\(type)", found: "\(attribute.type)")
        }
        return attribute
    }
}
