// Typed, checked access to one layer's configuration: numbers are bounded, and every error names the layer and the key.

import AssayTensors
import OrderedCollections

/// The configuration of one layer, as `get_config` of its class wrote it.
public struct KerasConfiguration: Sendable {
    /// The class: `Dense`, `MultiHeadAttention`, …
    public let className: String
    /// The name under which the class was registered (`package>Name`), where the file says so.
    public let registeredName: String?
    /// The Python module of the class, where the file says so.
    public let module: String?
    /// The layer's name.
    public let name: String
    /// The layer's path in the model, for errors.
    public let path: String
    /// The generation that wrote it.
    public let generation: KerasGeneration
    /// The arguments of the class by name.
    public let values: OrderedDictionary<String, JSON>
    /// What `build` was called with, where the file says so.
    public let build: JSON?
    /// The whole entry as the file has it.
    public let entry: JSON

    /// The largest count (units, filters, heads, vocabulary) that is believed.
    public static let largestCount = 1 << 31

    /// The configuration in `entry`, an object of `class_name` and `config`.
    ///
    /// - Throws: `AssayError.unreadable` when it is no such object.
    public init(
        _ entry: JSON, generation: KerasGeneration, in enclosing: String = "", fallbackName: String = ""
    ) throws(AssayError) {
        guard let className = entry["class_name"]?.string else {
            throw .unreadable(
                "a layer has no class_name", object: enclosing.isEmpty ? fallbackName : "\(enclosing)/\(fallbackName)")
        }
        self.className = className
        self.generation = generation
        self.entry = entry
        registeredName = entry["registered_name"]?.string
        module = entry["module"]?.string
        build = entry["build_config"]
        // Keras 1 and early Keras 2 write the layers of a Sequential model where others have the arguments.
        values = entry["config"]?.object ?? [:]
        name = entry["name"]?.string ?? values["name"]?.string ?? fallbackName
        path = enclosing.isEmpty ? name : "\(enclosing)/\(name)"
    }

    /// The argument `key`; nil where it is left out or null.
    public subscript(key: String) -> JSON? {
        guard let value = values[key], !value.isNull else { return nil }
        return value
    }

    /// An error about the argument `key`.
    public func invalid(_ key: String, expected: String) -> AssayError {
        let found = values[key].map { String($0.text().prefix(80)) } ?? "nothing"
        return .unreadable("\(className): wrong \(key)", expected: expected, found: found, object: path)
    }

    /// An error about the layer as a whole.
    public func unsupported(_ message: String) -> AssayError {
        .unreadable("\(className): \(message)", object: path)
    }

    /// An error that says why the layer cannot be run here, though the file is sound: it becomes an opaque one.
    public func notRunnable(_ reason: String) -> AssayError {
        AssayError(.notRunnable, reason, at: .init(object: path))
    }

    // MARK: Arguments

    /// An integer within `range`; `standard` where it is left out, an error where there is no standard.
    public func integer(
        _ key: String, default standard: Int? = nil, in range: ClosedRange<Int> = -largestCount...largestCount
    ) throws(AssayError) -> Int {
        guard let value = self[key] else {
            guard let standard else { throw invalid(key, expected: "an integer") }
            return standard
        }
        guard let integer = value.integer, range.contains(integer) else {
            throw invalid(key, expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    /// A count of at least one: units, filters, heads.
    public func count(_ key: String, default standard: Int? = nil) throws(AssayError) -> Int {
        try integer(key, default: standard, in: 1...KerasConfiguration.largestCount)
    }

    /// A finite number; `standard` where it is left out.
    public func number(_ key: String, default standard: Double? = nil) throws(AssayError) -> Double {
        guard let value = self[key] else {
            guard let standard else { throw invalid(key, expected: "a number") }
            return standard
        }
        guard let number = value.number, number.isFinite else { throw invalid(key, expected: "a finite number") }
        return number
    }

    /// A truth value; `standard` where it is left out.
    public func boolean(_ key: String, default standard: Bool) throws(AssayError) -> Bool {
        guard let value = self[key] else { return standard }
        guard let boolean = value.bool else { throw invalid(key, expected: "true or false") }
        return boolean
    }

    /// A text; `standard` where it is left out.
    public func string(_ key: String, default standard: String? = nil) throws(AssayError) -> String {
        guard let value = self[key] else {
            guard let standard else { throw invalid(key, expected: "a text") }
            return standard
        }
        guard let string = value.string else { throw invalid(key, expected: "a text") }
        return string
    }

    /// A list of integers within `range`; nil where it is left out. A lone integer is a list of one.
    public func integers(
        _ key: String, in range: ClosedRange<Int> = -largestCount...largestCount
    ) throws(AssayError) -> [Int]? {
        guard let value = self[key] else { return nil }
        var integers: [Int] = []
        for element in value.array ?? [value] {
            guard let integer = element.integer, range.contains(integer) else {
                throw invalid(key, expected: "integers from \(range.lowerBound) to \(range.upperBound)")
            }
            integers.append(integer)
        }
        return integers
    }

    /// A list of integers within `range`, some of them null; nil where it is left out. A lone integer is a list of one.
    public func integers(
        _ key: String, in range: ClosedRange<Int>, orNull: Bool
    ) throws(AssayError) -> [Int?]? {
        guard let value = self[key] else { return nil }
        var integers: [Int?] = []
        for element in value.array ?? [value] {
            if orNull, element.isNull {
                integers.append(nil)
                continue
            }
            guard let integer = element.integer, range.contains(integer) else {
                throw invalid(key, expected: "integers from \(range.lowerBound) to \(range.upperBound)")
            }
            integers.append(integer)
        }
        return integers
    }

    /// A list of finite numbers; nil where it is left out. A lone number is a list of one.
    public func numbers(_ key: String) throws(AssayError) -> [Double]? {
        guard let value = self[key] else { return nil }
        var numbers: [Double] = []
        for element in value.array ?? [value] {
            guard let number = element.number, number.isFinite else { throw invalid(key, expected: "finite numbers") }
            numbers.append(number)
        }
        return numbers
    }

    /// As many integers as there are spatial axes; a lone integer stands for all of them.
    public func integers(
        _ key: String, count: Int, default standard: Int? = nil, in range: ClosedRange<Int> = 1...largestCount
    ) throws(AssayError) -> [Int] {
        guard let values = try integers(key, in: range) else {
            guard let standard else { throw invalid(key, expected: "\(count) integers") }
            return Array(repeating: standard, count: count)
        }
        if values.count == count { return values }
        guard values.count == 1, let value = values.first else { throw invalid(key, expected: "\(count) integers") }
        return Array(repeating: value, count: count)
    }

    /// The configuration of a layer that this one wraps, under `key`.
    public func inner(_ key: String) throws(AssayError) -> KerasConfiguration {
        guard let entry = self[key], entry["class_name"]?.string != nil else {
            throw invalid(key, expected: "the configuration of a layer")
        }
        return try KerasConfiguration(entry, generation: generation, in: path, fallbackName: key)
    }

    /// Whether training moves the layer's weights.
    public var isTrainable: Bool { values["trainable"]?.bool ?? true }

    /// Whether the last axis holds the channels.
    public func channelsFirst() throws(AssayError) -> Bool {
        switch try string("data_format", default: "channels_last") {
        case "channels_last": false
        case "channels_first": true
        default: throw invalid("data_format", expected: "channels_last or channels_first")
        }
    }
}
