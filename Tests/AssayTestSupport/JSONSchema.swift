// A validator for the JSON Schema keywords that the files in Schemas/ use; a schema with any other keyword is an error.

import AssayTensors
import OrderedCollections

/// A JSON Schema.
public struct JSONSchema: Sendable {
    private let root: JSON

    /// A schema.
    public init(_ root: JSON) { self.root = root }

    /// The schema called `name` in `Schemas/`.
    public static func named(_ name: String) throws(AssayError) -> JSONSchema {
        JSONSchema(try Fixtures.json("\(Fixtures.repository)/Schemas/\(name)"))
    }

    /// What breaks the schema, each with its place; empty when nothing does.
    public func violations(in value: JSON) -> [String] { check(value, root, at: "") }

    private static let keywords: Set = [
        "$schema", "$id", "$defs", "$ref", "title", "description", "type", "enum", "const", "required", "properties",
        "additionalProperties", "items", "minItems", "maxItems", "minimum", "maximum", "minLength", "oneOf", "anyOf",
        "default",
    ]

    private func check(_ value: JSON, _ schema: JSON, at place: String) -> [String] {
        if case .bool(let allowed) = schema { return allowed ? [] : ["\(place): is not allowed"] }
        if let unknown = schema.object?.keys.first(where: { !JSONSchema.keywords.contains($0) }) {
            return ["the schema has the keyword \(unknown), which this validator does not know"]
        }
        if let reference = schema["$ref"]?.string { return check(value, resolve(reference), at: place) }
        return checkValue(value, schema, place) + checkMembers(value, schema, place)
            + checkElements(value, schema, place)
            + checkChoices(value, schema, place)
    }

    /// The part of the schema that `#/$defs/NAME` names.
    private func resolve(_ reference: String) -> JSON {
        var schema = root
        for part in reference.split(separator: "/").dropFirst() { schema = schema[String(part)] ?? .bool(false) }
        return schema
    }

    private func checkValue(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        var violations: [String] = []
        let types = schema["type"]?.string.map { [$0] } ?? schema["type"]?.array?.compactMap(\.string) ?? []
        if !types.isEmpty, !types.contains(where: { JSONSchema.isOf(value, $0) }) {
            violations.append("\(place): must be \(types.joined(separator: " or ")), found \(value.text())")
        }
        if let allowed = schema["enum"]?.array, !allowed.contains(value) {
            violations.append("\(place): must be one of \(schema["enum"]?.text() ?? "")")
        }
        if let constant = schema["const"], constant != value {
            violations.append("\(place): must be \(constant.text())")
        }
        if let number = value.number {
            if let least = schema["minimum"]?.number, number < least {
                violations.append("\(place): less than \(least)")
            }
            if let most = schema["maximum"]?.number, number > most { violations.append("\(place): more than \(most)") }
        }
        if let text = value.string, let least = schema["minLength"]?.integer, text.count < least {
            violations.append("\(place): shorter than \(least)")
        }
        return violations
    }

    private static func isOf(_ value: JSON, _ type: String) -> Bool {
        switch type {
        case "object": value.object != nil
        case "array": value.array != nil
        case "string": value.string != nil
        case "integer": value.integer != nil
        case "number": value.number != nil
        case "boolean": value.bool != nil
        case "null": value.isNull
        default: false
        }
    }

    private func checkMembers(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        guard let members = value.object else { return [] }
        var violations: [String] = []
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where members[name] == nil {
            violations.append("\(place): lacks \(name)")
        }
        for (name, member) in members {
            let inside = "\(place)/\(name)"
            if let known = schema["properties"]?[name] {
                violations += check(member, known, at: inside)
            } else if let other = schema["additionalProperties"] {
                violations += check(member, other, at: inside)
            }
        }
        return violations
    }

    private func checkElements(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        guard let elements = value.array else { return [] }
        var violations: [String] = []
        if let least = schema["minItems"]?.integer, elements.count < least {
            violations.append("\(place): fewer than \(least) elements")
        }
        if let most = schema["maxItems"]?.integer, elements.count > most {
            violations.append("\(place): more than \(most) elements")
        }
        guard let items = schema["items"] else { return violations }
        return violations + elements.enumerated().flatMap { check($1, items, at: "\(place)/\($0)") }
    }

    private func checkChoices(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        for (keyword, most) in [("oneOf", 1), ("anyOf", Int.max)] {
            guard let choices = schema[keyword]?.array else { continue }
            let results = choices.map { check(value, $0, at: place) }
            let fitting = results.count(where: \.isEmpty)
            if fitting == 0 {
                // The choice that is nearest tells what is wrong.
                return ["\(place): fits none of the choices"] + (results.min { $0.count < $1.count } ?? [])
            }
            if fitting > most { return ["\(place): fits \(fitting) of the choices"] }
        }
        return []
    }
}
