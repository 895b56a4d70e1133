// NPZ with metadata. NPZ has no place for it, so it is one more array: the bytes of a JSON object.

import AssayContainers
import OrderedCollections

extension Format {
    /// NPZ.
    static let npz = Format(
        name: "npz", title: "NPZ", suffixes: [".npz"],
        recognises: { $0.isZip },
        read: { (probe, graphFrom) throws(AssayError) in
            let content = try NPZMetadata.open(probe.path)
            return try PlainTensors(content, dialect: "npz", path: probe.path).model(graphFrom: graphFrom)
        },
        write: { (model, path, options) throws(AssayError) in
            let content = try NPZMetadata.adding(to: PlainTensors.content(of: model))
            try NPZFile.write(content, to: path, pool: options.pool)
        })
}

/// The metadata of a model in an NPZ file.
private enum NPZMetadata {
    /// The array that holds it, as JSON text in UTF-8.
    static let name = "__metadata__"

    static func open(_ path: String) throws(AssayError) -> NamedTensors {
        var content = try NPZFile.open(path)
        guard let array = content.tensors[name], array.type == .u8, array.shape.rank == 1 else { return content }
        content.tensors[name] = nil
        guard let members = try JSON(parsing: array.bytes()).object else {
            throw .unreadable("is no JSON object", file: path, object: name)
        }
        content.metadata = members.compactMapValues(\.string)
        return content
    }

    static func adding(to content: NamedTensors) throws(AssayError) -> OrderedDictionary<String, Tensor> {
        var tensors = content.tensors
        guard !content.metadata.isEmpty else { return tensors }
        let text = JSON.object(content.metadata.mapValues { .string($0) }).text()
        let bytes = ByteRegion(Array(text.utf8))
        tensors[name] = try Tensor(type: .u8, shape: Shape([bytes.count]), region: bytes)
        return tensors
    }
}
