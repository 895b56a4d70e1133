// The groups and attributes of an HDF5 file as JSON: what its tensors do not tell, and is needed to write it again.

import AssayContainers
import AssayTensors
import OrderedCollections

/// Every group with its attributes, and the datasets that have any.
struct HDF5Attributes {
    /// By path without the root's slash; each attribute as JSON.
    private(set) var objects: OrderedDictionary<String, JSON>

    /// The JSON that a model's provenance keeps.
    var json: JSON { .object(objects) }

    init(json: JSON) { objects = json.object ?? [:] }

    /// What the file has, without the texts that `isKept` says are kept elsewhere.
    init(_ root: HDF5Group, isKept: (String) -> Bool) throws(AssayError) {
        objects = [:]
        try collect(root, depth: 0)
        guard var attributes = objects[""]?.object else { return }
        for (name, value) in attributes where isKept(name) {
            guard var members = value.object, members["text"] != nil else { continue }
            members["text"] = .null
            attributes[name] = .object(members)
        }
        objects[""] = .object(attributes)
    }

    /// Adds the objects of another shard. A group that both have keeps the attributes of the first that has any.
    mutating func add(_ other: HDF5Attributes) {
        objects.merge(other.objects) { mine, theirs in mine.object?.isEmpty == false ? mine : theirs }
    }

    private mutating func collect(_ group: HDF5Group, depth: Int) throws(AssayError) {
        guard depth < HDF5Group.maximumDepth else {
            throw .unreadable("groups nest too deep", object: group.path)
        }
        objects[HDF5Attributes.key(group.path)] = try HDF5Attributes.json(group.attributes)
        for member in group.members.values {
            switch member {
            case .group(let group):
                // A group that several links reach may hold itself.
                if depth + 1 < HDF5Group.maximumDepth { try collect(group, depth: depth + 1) }
            case .dataset(let dataset) where !dataset.attributes.isEmpty:
                objects[HDF5Attributes.key(dataset.path)] = try HDF5Attributes.json(dataset.attributes)
            case .dataset, .other: continue
            }
        }
    }

    private static func key(_ path: String) -> String { String(path.drop { $0 == "/" }) }

    /// A list of names that an object's attribute holds, whole or split over several.
    func names(_ attribute: String, of path: String) -> [String]? {
        guard let attributes = objects[path]?.object else { return nil }
        func list(_ name: String) -> [String]? {
            guard let value = attributes[name] else { return nil }
            return value["texts"]?.array?.compactMap(\.string) ?? (value["bytes"]?.string == "" ? [] : nil)
        }
        if let names = list(attribute) { return names }
        var names: [String] = []
        var number = 0
        while let part = list("\(attribute)\(number)") {
            names += part
            number += 1
        }
        return number == 0 ? nil : names
    }

    // MARK: Values

    private static func json(_ attributes: OrderedDictionary<String, HDF5Attribute>) throws(AssayError) -> JSON {
        var members: OrderedDictionary<String, JSON> = [:]
        for (name, attribute) in attributes { members[name] = try json(attribute) }
        return .object(members)
    }

    private static func json(_ attribute: HDF5Attribute) throws(AssayError) -> JSON {
        switch HDF5AttributeValue(attribute) {
        case .string(let text, let type): json(type, "text", .string(text))
        case .strings(let texts, let type): json(type, "texts", JSON(texts))
        case .tensor(let tensor):
            [
                "type": .string(tensor.type.displayName), "shape": JSON(tensor.shape.extents),
                "bytes": .string(Hexadecimal.text(try tensor.bytes().array)),
            ]
        case nil: ["unreadable": .string(attribute.description)]
        }
    }

    private static func json(_ type: HDF5StringType, _ key: String, _ value: JSON) -> JSON {
        var members: OrderedDictionary<String, JSON> = [key: value, "utf8": .bool(type.isUTF8)]
        if let length = type.length {
            members["length"] = .integer(length)
            members["padding"] = .integer(Int(type.padding.rawValue))
        }
        return .object(members)
    }

    /// The value that `json` made; `text` is what was kept elsewhere.
    ///
    /// - Throws: `AssayError.writeFailed` for an attribute whose type is not written.
    static func value(_ json: JSON, keptElsewhere text: String?) throws(AssayError) -> HDF5AttributeValue {
        let type = HDF5StringType(
            length: json["length"]?.integer,
            padding: json["padding"]?.integer.flatMap { HDF5StringType.Padding(rawValue: UInt8(clamping: $0)) }
                ?? .nullTerminated,
            isUTF8: json["utf8"]?.bool ?? true)
        if json["text"] != nil, let text = json["text"]?.string ?? text { return .string(text, type) }
        if let texts = json["texts"]?.array { return .strings(texts.compactMap(\.string), type) }
        if let name = json["type"]?.string, let element = ElementType(displayName: name),
            let extents = json["shape"]?.array?.compactMap(\.integer),
            let bytes = json["bytes"]?.string.flatMap(Hexadecimal.bytes)
        {
            return .tensor(
                try Tensor(type: element, shape: Shape(checking: extents), region: ByteRegion(bytes)))
        }
        throw AssayError(
            .writeFailed, "an attribute of the source is of a type that is not written",
            found: json["unreadable"]?.string)
    }
}

/// Bytes as text of two digits each.
enum Hexadecimal {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// The bytes; nil for what is no such text.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.map(\.hexDigitValue)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
