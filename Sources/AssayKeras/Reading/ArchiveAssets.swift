// What stands in a .keras archive beside configuration and weights: vocabularies and other files of layers.

import AssayContainers
import AssayTensors
import OrderedCollections

/// The files of an archive that Keras calls assets, to be written again.
struct ArchiveAssets {
    /// The contents by member name, in the order of the archive.
    private(set) var files: OrderedDictionary<String, ByteRegion> = [:]

    /// The members that are no assets.
    private static let known: Set<String> = ["config.json", "metadata.json", "model.weights.h5"]
    /// The most bytes of all assets together that a model keeps: they go along as text.
    private static let largestSize = 1 << 26

    /// The assets of an archive.
    ///
    /// - Throws: `AssayError.unreadable` when one is damaged, or there are too many bytes.
    init(_ archive: ZipArchive) throws(AssayError) {
        var left = ArchiveAssets.largestSize
        for (name, member) in archive.members where !ArchiveAssets.known.contains(name) && !name.hasSuffix("/") {
            let content = try archive.content(of: member, limit: left)
            left -= content.count
            files[name] = content
        }
    }

    /// The JSON that a model's provenance keeps, nil where there are none: text as it is, anything else in hexadecimal.
    var json: JSON? {
        guard !files.isEmpty else { return nil }
        return .object(
            files.mapValues { (content) -> JSON in
                let bytes = content.array
                let text = String(decoding: bytes, as: UTF8.self)
                return Array(text.utf8) == bytes ? ["text": .string(text)] : ["bytes": .string(Hexadecimal.text(bytes))]
            })
    }

    /// The assets that a model's provenance has kept.
    ///
    /// - Throws: `AssayError.unreadable` when it is not what `json` gives.
    init(json: JSON?) throws(AssayError) {
        for (name, file) in json?.object ?? [:] {
            let bytes = file["text"]?.string.map { Array($0.utf8) } ?? file["bytes"]?.string.flatMap(Hexadecimal.bytes)
            guard let bytes, !ArchiveAssets.known.contains(name) else {
                throw .unreadable("wrong asset", expected: "text or bytes in hexadecimal", object: name)
            }
            files[name] = ByteRegion(bytes)
        }
    }
}
