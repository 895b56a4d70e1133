// config.json: what transformers says of a model, and the numbers in it that must be sane before anything is built on them.

import AssayTensors
import OrderedCollections

/// The configuration of a model of transformers.
public struct HuggingFaceConfiguration: Sendable {
    /// All of it.
    public let json: JSON

    private static let maximumSize = 1 << 24

    /// Reads and checks the file at `path`.
    ///
    /// - Throws: `AssayError.unreadable` when it is no JSON object, or one of its numbers cannot be a model's.
    public init(path: String) throws(AssayError) {
        do throws(AssayError) {
            try self.init(HuggingFaceConfiguration.parse(path))
        } catch {
            throw error.located(file: path)
        }
    }

    /// Checks a configuration.
    ///
    /// - Throws: as `init(path:)`.
    public init(_ json: JSON) throws(AssayError) {
        guard json.object != nil else { throw .unreadable("wrong configuration", expected: "a JSON object") }
        self.json = json
        for scope in scopes {
            for dimension in ConfigurationDimension.allCases { try dimension.check(in: scope) }
        }
    }

    private static func parse(_ path: String) throws(AssayError) -> JSON {
        let bytes = try MappedFile(path: path).bytes
        guard bytes.count <= maximumSize else { throw .unreadable("too large for a configuration") }
        return try JSON(parsing: bytes)
    }

    /// Whether the file at `path` says which model of transformers it is about.
    static func recognises(path: String) -> Bool {
        guard let json = try? parse(path) else { return false }
        return json["model_type"]?.string != nil || json["architectures"]?[0]?.string != nil
    }

    /// The architecture's name in transformers: `bert`, `gpt2`, ….
    public var modelType: String? { json["model_type"]?.string }

    /// The class that wrote the weights: `BertForMaskedLM`, ….
    public var architecture: String? { json["architectures"]?[0]?.string }

    /// Whether the class is a model without a head, whose PyTorch tensors have no name in front.
    var isBaseModel: Bool {
        guard let architecture else { return false }
        return architecture.hasSuffix("Model") && !architecture.hasSuffix("HeadModel")
            && !architecture.hasSuffix("HeadsModel")
    }

    /// The configuration itself, and those of the towers of a model that has several (`text_config`, `vision_config`).
    var scopes: [ConfigurationScope] {
        let towers = (json.object ?? [:]).filter { $0.key.hasSuffix("_config") && $0.value.object != nil }
        return [ConfigurationScope(json: json, name: "", module: "")]
            + towers.map { key, value in
                ConfigurationScope(
                    json: value, name: key + ".", module: String(key.dropLast("_config".count)) + "_model")
            }
    }
}

/// A configuration of one part of a model.
struct ConfigurationScope {
    let json: JSON
    /// What stands before its keys in reports: `text_config.`, or nothing.
    let name: String
    /// The module that it is about; empty for the whole model.
    let module: String

    /// The first of these keys that has an integer, with its value.
    func first(_ keys: [String]) -> (key: String, value: Int)? {
        for key in keys {
            if let value = json[key]?.integer { return (name + key, value) }
        }
        return nil
    }
}
