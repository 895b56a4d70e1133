// NPZ files with metadata. NPZ has no place for it, so it is one more array: the bytes of a JSON object.

import AssayContainers
import OrderedCollections

/// NPZ files of a model.
enum NPZTensors {
    /// The array that holds the metadata, as JSON text in UTF-8.
    private static let metadataName = "__metadata__"

    static func open(_ path: String) throws(AssayError) -> NamedTensors {
        var content = try NPZFile.open(path)
        guard let array = content.tensors[metadataName], array.type == .u8, array.shape.rank == 1 else {
            return content
        }
        content.tensors[metadataName] = nil
        guard let members = try JSON(parsing: array.bytes()).object else {
            throw .unreadable("is no JSON object", file: path, object: metadataName)
        }
        content.metadata = members.compactMapValues(\.string)
        return content
    }

    static func write(_ content: NamedTensors, to path: String, pool: ThreadPool) throws(AssayError) {
        var tensors = content.tensors
        if !content.metadata.isEmpty {
            let text = JSON.object(content.metadata.mapValues { .string($0) }).text()
            let bytes = Array(text.utf8)
            let region = ByteRegion(bytes)
            tensors[metadataName] = try Tensor(type: .u8, shape: Shape([bytes.count]), region: region)
        }
        try NPZFile.write(tensors, to: path, pool: pool)
    }
}
