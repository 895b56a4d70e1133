// The architectures that Assay knows: the files of Schemas/architectures, embedded when the package was built.

import AssayTensors
import OrderedCollections

/// All known architectures.
public struct SpecificationLibrary: Sendable {
    /// The specifications, sorted by name.
    public var specifications: [Specification]

    /// A library of these specifications.
    public init(_ specifications: [Specification]) { self.specifications = specifications }

    /// The architectures that come with Assay.
    ///
    /// - Throws: `AssayError.unreadable` for a file that breaks the schema; the tests make sure that there is none.
    public static func builtIn() throws(AssayError) -> SpecificationLibrary { try loaded.get() }

    /// Read when it is first asked for, and once: a command asks when it opens a file and when it reports.
    private static let loaded = Result { () throws(AssayError) in try load() }

    private static func load() throws(AssayError) -> SpecificationLibrary {
        let blocks = try builtInBlocks()
        var specifications: [Specification] = []
        for file in embeddedFiles where file.name != blocksFile {
            let name = String(file.name.dropLast(".json".count))
            specifications.append(try Specification(json: JSON(parsing: file.text), name: name, blocks: blocks))
        }
        return SpecificationLibrary(specifications)
    }

    /// The blocks that architectures are made of.
    ///
    /// - Throws: as `builtIn()`.
    public static func builtInBlocks() throws(AssayError) -> OrderedDictionary<String, BlockSpecification> {
        let text = embeddedFiles.first { $0.name == blocksFile }?.text ?? ""
        return try BlockSpecification.blocks(json: JSON(parsing: text))
    }

    private static let blocksFile = "blocks.json"

    /// The architecture that a configuration of transformers is about; nil where none is known.
    public func specification(modelType: String) -> Specification? {
        specifications.first { $0.blueprint?.modelTypes.contains(modelType) ?? false }
    }

    /// The specification called `name`.
    ///
    /// - Throws: `AssayError.usage` that lists the known names.
    public func specification(named name: String) throws(AssayError) -> Specification {
        guard let found = specifications.first(where: { $0.name == name }) else {
            throw .usage(
                "unknown architecture \(name)",
                expected: "one of " + specifications.map(\.name).joined(separator: ", "))
        }
        return found
    }
}
