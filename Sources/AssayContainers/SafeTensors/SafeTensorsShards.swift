// Sharded safetensors: an index that says which file holds which tensor.

import AssayTensors
import Glibc
import OrderedCollections

/// A set of shards by its index, `….safetensors.index.json`. Shards lie in the index file's own folder.
struct SafeTensorsShards {
    private let indexPath: String
    private let folder: String
    private var fileNames: OrderedDictionary<String, String> = [:]

    /// An index is text of a few hundred bytes a tensor.
    private static let maximumIndexSize = 1 << 28

    init(index path: String) throws(AssayError) {
        indexPath = path
        folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        do throws(AssayError) {
            let bytes = try MappedFile(path: path).bytes
            guard bytes.count <= SafeTensorsShards.maximumIndexSize else { throw .unreadable("too large for an index") }
            guard let map = try JSON(parsing: bytes)["weight_map"]?.object else {
                throw AssayError.unreadable("not an index of shards: no weight_map")
            }
            for (tensor, value) in map { fileNames[tensor] = try SafeTensorsShards.fileName(value, of: tensor) }
        } catch {
            throw error.located(file: path)
        }
    }

    private static func fileName(_ value: JSON, of tensor: String) throws(AssayError) -> String {
        guard let name = value.string else { throw .unreadable("its shard is not named by a text", object: tensor) }
        let isPlain =
            !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == 0x2F || $0 == 0x5C || $0 == 0 }
        guard isPlain, name.hasSuffix(".safetensors") else {
            throw .unreadable(
                "its shard must be a .safetensors file in the index file's folder", found: name, object: tensor)
        }
        return name
    }

    /// The tensors of all shards, in the order of the index.
    func read() throws(AssayError) -> NamedTensors {
        var shards: OrderedDictionary<String, NamedTensors> = [:]
        var result = NamedTensors()
        for (tensor, fileName) in fileNames {
            if shards[fileName] == nil { shards[fileName] = try open(fileName) }
            guard let found = shards[fileName]?.tensors[tensor] else {
                throw .unreadable(
                    "is not in the shard \(fileName) that the index names", file: indexPath, object: tensor)
            }
            result.tensors[tensor] = found
        }
        for (fileName, shard) in shards {
            for tensor in shard.tensors.keys where fileNames[tensor] != fileName {
                throw .unreadable(
                    "stands in the shard \(fileName), where the index does not place it", file: indexPath,
                    object: tensor)
            }
            result.metadata.merge(shard.metadata) { first, _ in first }
        }
        return result
    }

    private func open(_ fileName: String) throws(AssayError) -> NamedTensors {
        let path = folder + fileName
        try checkLinks(path)
        return try SafeTensorsFile.open(path)
    }

    /// A shard may be a link only to a file beside what the index itself is (as the Hugging Face cache links both).
    private func checkLinks(_ path: String) throws(AssayError) {
        let home = SafeTensorsShards.realFolder(of: indexPath)
        let shard = SafeTensorsShards.realFolder(of: path)
        let plain = SafeTensorsShards.realFolder(of: folder.isEmpty ? "./." : folder + ".", isFolder: true)
        guard shard == nil || shard == home || shard == plain else {
            throw .unreadable("is a link that leaves the folder", file: path)
        }
    }

    private static func realFolder(of path: String, isFolder: Bool = false) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let text = String(cString: resolved)
        if isFolder { return text == "/" ? text : text + "/" }
        return text.lastIndex(of: "/").map { String(text[...$0]) }
    }
}
