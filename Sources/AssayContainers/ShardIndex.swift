// The index of a sharded checkpoint: a JSON file that says which file beside it holds which tensor.

import AssayTensors
import Glibc
import OrderedCollections

/// An index of shards: `….index.json`, as transformers writes it for safetensors, HDF5 and PyTorch files alike, and
/// `….weights.json` of Keras, which names the shards of groups. Shards lie in the index file's own folder; nothing outside
/// is ever read.
public struct ShardIndex: Sendable {
    /// The path of the index.
    public let path: String
    /// The file names of the shards that hold each tensor or group, in the order of the index: one for a tensor.
    public private(set) var fileNames: OrderedDictionary<String, [String]> = [:]
    private let folder: String

    /// An index is text of a few hundred bytes a tensor.
    private static let maximumSize = 1 << 28

    /// Reads the index at `path`, whose shards have names that end in `suffix`.
    ///
    /// - Throws: `AssayError.unreadable` when it is no index, or names a file that is not in its folder.
    public init(path: String, suffix: String) throws(AssayError) {
        self.path = path
        folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        do throws(AssayError) {
            let bytes = try MappedFile(path: path).bytes
            guard bytes.count <= ShardIndex.maximumSize else { throw .unreadable("too large for an index") }
            guard let map = try JSON(parsing: bytes)["weight_map"]?.object else {
                throw AssayError.unreadable("not an index of shards: no weight_map")
            }
            for (tensor, value) in map {
                for name in value.array ?? [value] {
                    fileNames[tensor, default: []].append(try ShardIndex.fileName(name, of: tensor, suffix))
                }
            }
        } catch {
            throw error.located(file: path)
        }
    }

    private static func fileName(_ value: JSON, of tensor: String, _ suffix: String) throws(AssayError) -> String {
        guard let name = value.string else { throw .unreadable("its shard is not named by a text", object: tensor) }
        let isPlain =
            !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == 0x2F || $0 == 0x5C || $0 == 0 }
        guard isPlain, name.hasSuffix(suffix) else {
            throw .unreadable(
                "its shard must be a \(suffix) file in the index file's folder", found: name, object: tensor)
        }
        return name
    }

    /// The paths of all shards, in the order in which the index names them first.
    ///
    /// - Throws: `AssayError.unreadable` when a shard leaves the folder.
    public func paths() throws(AssayError) -> [String] {
        var seen: Set<String> = []
        let paths = fileNames.values.joined().filter { seen.insert($0).inserted }.map { folder + $0 }
        for path in paths { try checkLinks(path) }
        return paths
    }

    /// The tensors of all shards, in the order of the index, which names one shard for each.
    ///
    /// - Parameter open: reads one shard by its path, whose tensors the index calls by the names that come with it.
    /// - Throws: what `open` throws, and `AssayError.unreadable` when a shard leaves the folder, or index and shards
    ///   disagree.
    public func read(
        _ open: (_ path: String, _ names: [String]) throws(AssayError) -> NamedTensors
    ) throws(AssayError) -> NamedTensors {
        var namesByFile: OrderedDictionary<String, [String]> = [:]
        for (tensor, names) in fileNames {
            guard names.count == 1, let fileName = names.first else {
                throw .unreadable("its shard is not named by a text", file: path, object: tensor)
            }
            namesByFile[fileName, default: []].append(tensor)
        }
        var shards: [String: NamedTensors] = [:]
        var metadata: OrderedDictionary<String, String> = [:]
        for (fileName, names) in namesByFile {
            try checkLinks(folder + fileName)
            let shard = try open(folder + fileName, names)
            for tensor in shard.tensors.keys where fileNames[tensor] != [fileName] {
                throw .unreadable(
                    "stands in the shard \(fileName), where the index does not place it", file: path, object: tensor)
            }
            metadata.merge(shard.metadata) { first, _ in first }
            shards[fileName] = shard
        }
        var result = NamedTensors(metadata: metadata)
        for (tensor, names) in fileNames {
            guard let fileName = names.first, let found = shards[fileName]?.tensors[tensor] else {
                throw .unreadable(
                    "is not in the shard that the index names", found: names.first, file: path, object: tensor)
            }
            result.tensors[tensor] = found
        }
        return result
    }

    /// A shard may be a link only to a file beside what the index itself is (as the Hugging Face cache links both).
    private func checkLinks(_ shardPath: String) throws(AssayError) {
        let home = ShardIndex.realFolder(of: path)
        let shard = ShardIndex.realFolder(of: shardPath)
        let plain = ShardIndex.realFolder(of: folder.isEmpty ? "./." : folder + ".", isFolder: true)
        guard shard == nil || shard == home || shard == plain else {
            throw .unreadable("is a link that leaves the folder", file: shardPath)
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
