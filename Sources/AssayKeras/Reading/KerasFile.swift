// A file of any Keras dialect, opened: its configuration and the HDF5 group with its weights.

import AssayContainers
import AssayTensors
import OrderedCollections

/// A Keras file, opened and told apart, with nothing built yet.
struct KerasFile {
    /// How it is stored.
    let dialect: KerasDialect
    /// The path as the user gave it.
    let path: String
    /// The model's configuration; nil for weights alone.
    let configuration: JSON?
    /// The generation that wrote it; nil where nothing says.
    let generation: KerasGeneration?
    /// The root of the HDF5 file; nil for a configuration alone.
    let root: HDF5Group?
    /// The group with the weights of the layers; nil for a configuration alone.
    let weights: HDF5Group?
    /// The roots of the other shards, where the weights are spread over several files.
    let shards: [HDF5Group]
    /// Everything else that the file says, by its own keys.
    let attributes: OrderedDictionary<String, JSON>

    /// Opens a file of a Keras dialect; nil when it is of none.
    ///
    /// - Throws: `AssayError.unreadable` when it is of one and damaged.
    init?(path: String, pool: ThreadPool = ThreadPool()) throws(AssayError) {
        let file = try MappedFile(path: path)
        do throws(AssayError) {
            // The archive first: HDF5 may begin behind a block of the user's, where an archive's weights happen to stand.
            if ZipArchive.recognises(file.bytes) {
                try self.init(archive: file, pool: pool)
            } else if HDF5File.isHDF5(file.bytes) {
                try self.init(hdf5: HDF5File.open(file, pool: pool).root, path: path)
            } else if KerasFile.looksLikeJSON(file.bytes) {
                try self.init(json: file, pool: pool)
            } else {
                return nil
            }
        } catch {
            throw error.located(file: path)
        }
    }

    private init(
        dialect: KerasDialect, path: String, configuration: JSON?, generation: KerasGeneration?, root: HDF5Group?,
        weights: HDF5Group?, shards: [HDF5Group] = [], attributes: OrderedDictionary<String, JSON>
    ) {
        self.dialect = dialect
        self.path = path
        self.configuration = configuration
        self.generation = generation
        self.root = root
        self.weights = weights
        self.shards = shards
        self.attributes = attributes
    }

    // MARK: HDF5

    private init?(hdf5 root: HDF5Group, path: String) throws(AssayError) {
        var attributes: OrderedDictionary<String, JSON> = [:]
        for (name, attribute) in root.attributes {
            attributes[name] = try KerasFile.json(attribute, name: name)
        }
        // The order in which the optimizer keeps its state, which the groups do not tell.
        attributes["optimizer_weight_names"] = KerasFile.optimizerNames(root)
        let named = (attributes["keras_version"]?.string).flatMap { KerasGeneration(version: $0) }
        if let configuration = attributes["model_config"] {
            guard configuration["class_name"] != nil else {
                throw .unreadable(
                    "wrong model_config", expected: "the configuration of a model", object: "model_config")
            }
            let generation = named ?? KerasFile.generation(of: configuration)
            let dialects: [KerasGeneration: KerasDialect] = [
                .keras1: .keras1HDF5, .keras2: .keras2HDF5, .keras3: .keras3HDF5,
            ]
            self.init(
                dialect: dialects[generation] ?? .keras2HDF5, path: path, configuration: configuration,
                generation: generation, root: root, weights: try root.group("model_weights"), attributes: attributes)
        } else if LegacyWeights.names("layer_names", of: root) != nil {
            self.init(
                dialect: .legacyWeights, path: path, configuration: nil, generation: named, root: root,
                weights: root, attributes: attributes)
        } else if ObjectWeights.recognises(ObjectGroup(root)) {
            self.init(
                dialect: .objectWeights, path: path, configuration: nil, generation: nil, root: root,
                weights: root, attributes: attributes)
        } else {
            return nil
        }
    }

    /// An attribute of the root as JSON; `…_config` holds JSON as text.
    private static func json(_ attribute: HDF5Attribute, name: String) throws(AssayError) -> JSON {
        if let text = attribute.string, attribute.shape.rank == 0 || !name.hasSuffix("_names") {
            guard name.hasSuffix("_config") else { return .string(text) }
            do throws(AssayError) {
                return try JSON(parsing: text)
            } catch {
                throw error.located(object: name)
            }
        }
        if let texts = attribute.strings { return JSON(texts) }
        if let numbers = attribute.integers { return JSON(numbers) }
        return attribute.number.map { JSON.number($0) } ?? .string(attribute.description)
    }

    /// The names of the optimizer's weights; by object they are there where a conversion from legacy HDF5 left them.
    private static func optimizerNames(_ root: HDF5Group) -> JSON? {
        for path in ["optimizer_weights", "optimizer/vars"] {
            if case .group(let optimizer)? = root[path], let names = LegacyWeights.names("weight_names", of: optimizer)
            {
                return JSON(names)
            }
        }
        return nil
    }

    // MARK: Archive

    private init?(archive file: MappedFile, pool: ThreadPool) throws(AssayError) {
        let archive = try ZipArchive(bytes: file.bytes)
        guard archive.members["config.json"] != nil else { return nil }
        var attributes: OrderedDictionary<String, JSON> = [:]
        for name in ["config.json", "metadata.json"] where archive.members[name] != nil {
            attributes[name] = try KerasFile.parsed(archive, name)
        }
        guard let configuration = attributes["config.json"], configuration["class_name"] != nil else { return nil }
        attributes["assets"] = try ArchiveAssets(archive).json
        let named = (attributes["metadata.json"]?["keras_version"]?.string).flatMap { KerasGeneration(version: $0) }
        let generation = named ?? KerasFile.generation(of: configuration)
        let root = try KerasFile.weights(in: archive, file, pool)
        attributes["optimizer_weight_names"] = KerasFile.optimizerNames(root)
        self.init(
            dialect: generation == .keras3 ? .keras3Archive : .keras2Archive, path: file.path,
            configuration: configuration, generation: generation, root: root, weights: root,
            attributes: attributes)
    }

    private static func parsed(_ archive: ZipArchive, _ name: String) throws(AssayError) -> JSON {
        let content = try archive.content(of: archive.member(name), limit: 1 << 28)
        do throws(AssayError) {
            return try JSON(parsing: content)
        } catch {
            throw error.located(object: name)
        }
    }

    /// The weights where they lie in the archive, or in memory where they are compressed.
    private static func weights(
        in archive: ZipArchive, _ file: MappedFile, _ pool: ThreadPool
    ) throws(AssayError) -> HDF5Group {
        let member = try archive.member("model.weights.h5")
        if member.method == .stored {
            try archive.verify(member, pool: pool)
            let range = member.offset..<(member.offset + member.size)
            return try HDF5File.open(file, range: range, pool: pool).root
        }
        return try HDF5File.open(inMemory: archive.content(of: member), path: file.path, pool: pool).root
    }

    // MARK: JSON

    private init?(json file: MappedFile, pool: ThreadPool) throws(AssayError) {
        let configuration = try JSON(parsing: file.bytes)
        if configuration["weight_map"] != nil {
            try self.init(index: file.path, pool: pool)
            return
        }
        guard configuration["class_name"]?.string != nil, configuration["config"] != nil else { return nil }
        let named = (configuration["keras_version"]?.string).flatMap { KerasGeneration(version: $0) }
        self.init(
            dialect: .json, path: file.path, configuration: configuration,
            generation: named ?? KerasFile.generation(of: configuration), root: nil,
            weights: nil, attributes: ["model_config": configuration])
    }

    /// The shards that an index names: `.weights.h5` files, each with some of the groups.
    private init?(index path: String, pool: ThreadPool) throws(AssayError) {
        let index = try ShardIndex(path: path, suffix: ".weights.h5")
        var roots: [HDF5Group] = []
        for shard in try index.paths() { roots.append(try HDF5File.open(MappedFile(path: shard), pool: pool).root) }
        guard let first = roots.first, ObjectWeights.recognises(ObjectGroup(first, shards: roots)) else { return nil }
        self.init(
            dialect: .shardedWeights, path: path, configuration: nil, generation: nil, root: first, weights: first,
            shards: Array(roots.dropFirst()), attributes: [:])
    }

    /// Whether the first letter is that of an object.
    private static func looksLikeJSON(_ bytes: ByteRegion) -> Bool {
        bytes.withUnsafeBytes { bytes in bytes.first { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: "{") }
    }

    /// The generation by the notation of a configuration: Keras 3 has `batch_shape`, and calls with `args`.
    static func generation(of configuration: JSON) -> KerasGeneration {
        if let version = configuration["keras_version"]?.string, let named = KerasGeneration(version: version) {
            return named
        }
        let layers = configuration["config"]?["layers"]?.array ?? []
        let isModern = layers.contains { layer in
            layer["config"]?["batch_shape"] != nil || layer["inbound_nodes"]?[0]?["args"] != nil
                || layer["config"]?["dtype"]?["module"] != nil
        }
        return isModern ? .keras3 : .keras2
    }
}
