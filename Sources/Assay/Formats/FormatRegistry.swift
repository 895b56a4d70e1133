// All formats, one entry each. The first that recognises a file reads it.

/// The formats that Assay knows.
public enum FormatRegistry {
    /// Every format, in the order in which they are tried.
    public static let all: [Format] = [
        .huggingFace, .torch, .onnx, .safetensors, .zten, .keras, .kerasHDF5, .kerasWeights, .kerasLegacyWeights,
        .kerasArchitecture, .npz, .huggingFaceSafetensors, .huggingFaceTensorFlow,
    ]

    /// The format of a file, nil for none of these.
    static func format(of probe: FileProbe) -> Format? {
        all.first { $0.recognises?(probe) ?? false }
    }

    /// The format to write: the one called `name`, or the one that the end of `output` means; of several dialects with the
    /// same end, the source's own. The name that a file has in a folder of some format means that one beside what else the
    /// folder has.
    static func target(named name: String?, output: String, source: Model) throws(AssayError) -> Format {
        let written = all.filter { $0.write != nil }
        if let name {
            guard let format = written.first(where: { $0.name == name }) else {
                let names = written.map(\.name)
                throw .usage("no format '\(name)' to write", expected: "one of \(names.joined(separator: ", "))")
            }
            return format
        }
        if let format = written.first(where: { $0.folder?.isMeant(by: output) ?? false }) { return format }
        let matches = written.flatMap { format in
            format.suffixes.filter { output.hasSuffix($0) }.map { (suffix: $0, format: format) }
        }
        let longest = matches.map(\.suffix.count).max()
        let candidates = matches.filter { $0.suffix.count == longest }.map(\.format)
        let own = candidates.first { $0.name == source.sourceDialect }
        guard let format = own ?? candidates.first else {
            let known = Set(written.flatMap(\.suffixes)).sorted()
            throw .usage(
                "the name '\(output)' does not say the format",
                expected: "a name that ends in \(known.joined(separator: ", "))",
                hint: "or --to FORMAT, one of \(written.map(\.name).joined(separator: ", "))")
        }
        return format
    }
}
