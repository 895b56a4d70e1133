// The numbers and settings that one model of an architecture has, from its configuration and from its tensors.

import AssayTensors
import OrderedCollections

/// The values of an architecture's dimensions and settings in one model.
public struct ArchitectureValues: Sendable {
    /// The dimensions that are known.
    public var dimensions: OrderedDictionary<String, Int> = [:]
    /// What the configuration and the head set.
    public var settings: OrderedDictionary<String, JSON> = [:]

    /// The value of a name in an expression; nil where it is not known.
    public func lookup(_ name: String) -> JSON? { dimensions[name].map { .integer($0) } ?? settings[name] }
}

/// What expressions can name at one step: the model's values, and the counters of the repetitions around it.
struct Scope {
    var values: ArchitectureValues
    var counters: [String: Int] = [:]

    func lookup(_ name: String) -> JSON? { counters[name].map { .integer($0) } ?? values.lookup(name) }

    /// The value of an expression.
    ///
    /// - Throws: `AssayError.unreadable` naming what is not known.
    func value(_ expression: Expression) throws(AssayError) -> JSON {
        guard let value = expression.value(lookup) else {
            let unknown = expression.names.sorted().filter { lookup($0) == nil }
            throw .unreadable(
                unknown.isEmpty ? "\(expression) has no value" : "\(unknown.joined(separator: ", ")) is not known",
                hint: "config.json says it: give it with --graph-from config.json")
        }
        return value
    }

    /// The value of an expression that must be an integer.
    ///
    /// - Throws: as `value(_:)`, and when it is none.
    func integer(_ expression: Expression) throws(AssayError) -> Int {
        let value = try value(expression)
        guard let integer = value.integer else {
            throw .unreadable("\(expression) must be an integer", found: value.text())
        }
        return integer
    }

    /// Whether a step is done; unknown conditions hold where `unknownHolds`.
    func holds(_ condition: Expression?, unknownHolds: Bool = false) throws(AssayError) -> Bool {
        guard let condition else { return true }
        if unknownHolds { return condition.value(lookup)?.isTrue ?? true }
        return try value(condition).isTrue
    }
}

extension Blueprint.Head {
    /// The names of the Keras layers without weights: `dropout`, `dropout_7`.
    ///
    /// - Throws: `AssayError.unreadable` naming a dimension that is not known.
    public func tensorFlowLayerNames(_ values: ArchitectureValues) throws(AssayError) -> [String] {
        var names: [String] = []
        for (kind, number) in tensorFlowLayers {
            let number = try Scope(values: values).integer(number)
            names.append(number == 0 ? kind : "\(kind)_\(number)")
        }
        return names
    }
}

extension Blueprint {
    /// What a model with these values has that the TensorFlow model of its class ignores; nil where it computes the same.
    ///
    /// - Throws: `AssayError.unreadable` naming a dimension or setting that is not known.
    public func ignoredInTensorFlow(_ values: ArchitectureValues, head: Head) throws(AssayError) -> String? {
        let scope = Scope(values: values)
        for refusal in tensorFlowRefusals + head.tensorFlowRefusals where try scope.holds(refusal.condition) {
            return refusal.subject
        }
        return nil
    }
}

extension JSON {
    /// What a configuration says under `key`; a dot leads into an object or a list (`rope_scaling.factor`,
    /// `image_size.0`), and `#` in front counts members (`#id2label`). A number stands for a list of itself, as in
    /// transformers' image sizes. Nil where it says nothing, or null.
    func configured(_ key: String) -> JSON? {
        if key.hasPrefix("#") {
            let members = configured(String(key.dropFirst()))
            return (members?.object?.count ?? members?.array?.count).map { .integer($0) }
        }
        var value = self
        for part in key.split(separator: ".") {
            if let index = Int(part) {
                guard let elements = value.array else { continue }
                guard elements.indices.contains(index) else { return nil }
                value = elements[index]
            } else {
                guard let member = value[String(part)] else { return nil }
                value = member
            }
        }
        return value.isNull ? nil : value
    }
}

extension Specification {
    /// The values that a configuration says, with defaults where it says nothing; what neither says stays unknown. Without
    /// a configuration, dimensions have no defaults: the tensors tell better.
    ///
    /// - Parameters:
    ///   - head: the head, whose settings count more than the configuration's; nil for none.
    ///   - solved: dimensions that tensors and configuration together tell; they count more than the configuration alone.
    ///   - assumed: settings that the tensors tell, for want of a configuration.
    public func values(
        configuration: JSON?, head: String?, solved: OrderedDictionary<String, Int> = [:],
        assumed: OrderedDictionary<String, JSON> = [:]
    ) -> ArchitectureValues {
        var values = ArchitectureValues(dimensions: solved, settings: assumed)
        let head = head.flatMap { blueprint?.heads[$0] }
        for (name, value) in head?.settings ?? [:] { values.settings[name] = value.value { _ in nil } ?? .null }
        for (name, dimension) in dimensions where values.dimensions[name] == nil {
            if let said = configuration.flatMap(dimension.said)?.value { values.dimensions[name] = said }
        }
        // A default may name another one that stands behind it.
        for _ in 0..<2 {
            for (name, dimension) in dimensions where values.dimensions[name] == nil {
                guard let fallback = dimension.fallback, configuration != nil || !fallback.names.isEmpty else {
                    continue
                }
                values.dimensions[name] = fallback.value(values.lookup)?.integer
            }
            for (name, setting) in blueprint?.settings ?? [:] where values.settings[name] == nil {
                let said = setting.keys.lazy.compactMap { configuration?.configured($0) }.first
                values.settings[name] = said ?? setting.fallback.value(values.lookup)
            }
        }
        return values
    }
}

extension Specification.DimensionSpecification {
    /// What a configuration says, and under which key: that of the list where it is one number for all.
    func said(_ configuration: JSON) -> (key: String, value: Int)? {
        for key in keys {
            guard let value = configuration.configured(key)?.integer else { continue }
            let parts = key.split(separator: ".")
            let list = parts.dropLast().joined(separator: ".")
            let isOneForAll = parts.last.flatMap { Int($0) } != nil && configuration.configured(list)?.integer != nil
            return (isOneForAll ? list : key, value)
        }
        return nil
    }
}
