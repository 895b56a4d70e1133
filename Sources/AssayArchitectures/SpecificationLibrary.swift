// The architectures that Assay knows: the files of Schemas/architectures, embedded when the package was built.

import AssayTensors

/// All known architectures.
public struct SpecificationLibrary: Sendable {
    /// The specifications, sorted by name.
    public var specifications: [Specification]

    /// A library of these specifications.
    public init(_ specifications: [Specification]) { self.specifications = specifications }

    /// The architectures that come with Assay.
    ///
    /// - Throws: `AssayError.unreadable` for a file that breaks the schema; the tests make sure that there is none.
    public static func builtIn() throws(AssayError) -> SpecificationLibrary {
        var specifications: [Specification] = []
        for file in embeddedFiles {
            let name = String(file.name.dropLast(".json".count))
            specifications.append(try Specification(json: JSON(parsing: file.text), name: name))
        }
        return SpecificationLibrary(specifications)
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
