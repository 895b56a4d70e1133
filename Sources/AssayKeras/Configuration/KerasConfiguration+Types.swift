// Element types and shapes in a layer's configuration.

import AssayGraph
import AssayTensors

extension KerasConfiguration {
    /// The type of the layer's variables, by its dtype or dtype policy.
    public func variableType() throws(AssayError) -> ElementType {
        let name = try policyName()
        return try KerasConfiguration.elementType(name.hasPrefix("mixed_") ? "float32" : name, for: self)
    }

    /// The type in which the layer computes.
    public func computeType() throws(AssayError) -> ElementType {
        let name = try policyName()
        return try KerasConfiguration.elementType(
            name.hasPrefix("mixed_") ? String(name.dropFirst(6)) : name, for: self)
    }

    /// `float32`, `mixed_float16`, … The dtype is a text, or a policy object `{"config": {"name": …}}`; a policy of
    /// quantisation (`int8_from_float32`) names what it came from.
    private func policyName() throws(AssayError) -> String {
        guard let dtype = self["dtype"] else { return "float32" }
        guard let policy = dtype.string ?? dtype["config"]?["name"]?.string ?? dtype["config"]?["source_name"]?.string
        else {
            // A map of policies by layer path has no name of its own.
            if dtype["class_name"]?.string == "DTypePolicyMap" { return "float32" }
            throw invalid("dtype", expected: "a dtype or a policy")
        }
        // Searching a text is dear, and nearly all are plain names.
        guard policy.utf8.contains(UInt8(ascii: "_")) else { return policy }
        return policy.split(separator: "_from_").last.map(String.init) ?? policy
    }

    private static func elementType(
        _ name: String, for configuration: KerasConfiguration
    ) throws(AssayError) -> ElementType {
        guard let type = ElementType(displayName: name) else {
            throw configuration.invalid("dtype", expected: "a known element type")
        }
        return type
    }

    /// The type named `key`, `standard` where it is left out.
    public func elementType(_ key: String, default standard: ElementType) throws(AssayError) -> ElementType {
        guard let value = self[key] else { return standard }
        guard let name = value.string, let type = ElementType(displayName: name) else {
            throw invalid(key, expected: "an element type")
        }
        return type
    }

    /// The shape under `key` with its batch axis, nil where it is left out; an extent that is null is nil.
    public func shape(_ key: String) throws(AssayError) -> [Int?]? {
        guard let value = self[key] else { return nil }
        guard let shape = KerasConfiguration.shape(value) else { throw invalid(key, expected: "a shape") }
        return shape
    }

    /// The shape that a JSON list says: extents from 0 on, or null.
    static func shape(_ value: JSON) -> [Int?]? {
        guard let elements = value.array, elements.count <= Shape.maximumRank else { return nil }
        var shape: [Int?] = []
        for element in elements {
            if element.isNull {
                shape.append(nil)
            } else if let extent = element.integer, (0...largestCount).contains(extent) {
                shape.append(extent)
            } else {
                return nil
            }
        }
        return shape
    }
}
