// What a model's file was, as a writer needs it: configuration, versions, and how its tensors were named.

import AssayGraph
import AssayTensors
import OrderedCollections

/// Where a model to be written comes from: a Keras file, or a file of tensors that was made of one.
struct KerasOrigin {
    /// The dialect; nil where the model comes from elsewhere.
    let dialect: KerasDialect?
    /// What the file said beside its weights, by the reader's keys.
    let attributes: OrderedDictionary<String, JSON>
    /// The model's configuration.
    let configuration: JSON
    /// The generation of Keras that wrote it.
    let generation: KerasGeneration

    /// The origin of `model`.
    ///
    /// - Throws: `AssayError.usage` for a model that has no configuration of Keras.
    init(_ model: Model) throws(AssayError) {
        let source = model.provenance.attributes["source"]
        dialect = KerasDialect(rawValue: source?["dialect"]?.string ?? model.provenance.dialect)
        attributes = source?["attributes"]?.object ?? model.provenance.attributes
        let root = model.graph.flatMap { $0[$0.root].configuration }
        guard let entry = attributes["model_config"] ?? attributes["config.json"] ?? root, ModelPlan.isGraph(entry)
        else {
            throw AssayError(
                .usage, "has no configuration of a Keras model, so no Keras file can be made of it",
                at: .init(file: model.provenance.path),
                hint: "give the file that has it: --graph-from model.keras | model.json")
        }
        configuration = entry
        let version = attributes["keras_version"] ?? attributes["metadata.json"]?["keras_version"]
        let named = version?.string.flatMap { KerasGeneration(version: $0) }
        generation = named ?? KerasFile.generation(of: entry)
        guard generation != .keras1 else {
            throw AssayError(
                .usage, "files of Keras 1 are read, not written", at: .init(file: model.provenance.path))
        }
    }

    /// The version of Keras, as files note it.
    var version: String {
        let noted = attributes["keras_version"] ?? attributes["metadata.json"]?["keras_version"]
        return noted?.string ?? (generation == .keras3 ? "3.0.0" : "2.15.0")
    }

    /// How the stored names of the source begin where they are by layer and name; nil where they are not.
    var legacyPrefix: String? {
        switch dialect {
        case .keras2HDF5, .keras3HDF5: "model_weights/"
        case .legacyWeights: ""
        default: nil
        }
    }

    /// Whether the stored names of the source are those of objects.
    var isByObject: Bool {
        switch dialect {
        case .keras2Archive, .keras3Archive, .objectWeights, .shardedWeights: true
        default: false
        }
    }

    /// The configuration as legacy HDF5 has it: class and configuration alone. Archives hold kernels with their low-rank
    /// adapters added, legacy HDF5 holds them apart: what comes from an archive has none any more.
    var legacyConfiguration: JSON {
        var members: OrderedDictionary<String, JSON> = [:]
        for key in ["class_name", "config"] { members[key] = configuration[key] }
        return isByObject ? KerasOrigin.withoutAdapters(.object(members)) : .object(members)
    }

    private static func withoutAdapters(_ json: JSON) -> JSON {
        switch json {
        case .array(let elements): .array(elements.map(withoutAdapters))
        case .object(let members):
            .object(members.filter { !["lora_rank", "lora_alpha"].contains($0.key) }.mapValues(withoutAdapters))
        default: json
        }
    }

    /// The configuration as archives have it: with the modules where the classes are found.
    var archiveConfiguration: JSON {
        let archived = KerasModules(generation).added(to: configuration)
        guard var members = archived.object, members["compile_config"] == nil,
            let training = attributes["training_config"]?.object
        else { return archived }
        members["compile_config"] = CompileConfiguration.archived(training)
        return .object(members)
    }

    /// How the model was compiled, as legacy HDF5 has it; nil where it was not.
    var trainingConfiguration: JSON? {
        if let training = attributes["training_config"]?.object { return .object(training) }
        return configuration["compile_config"].flatMap { (compile) -> JSON? in CompileConfiguration.legacy(compile) }
    }

    /// Groups and attributes of the source's HDF5 file; nil where it has none.
    var stored: HDF5Attributes? { attributes["hdf5"].map { HDF5Attributes(json: $0) } }

    /// The names of the model's layers, in the order of its configuration.
    var layerNames: [String] {
        let layers = configuration["config"]?["layers"]?.array ?? configuration["config"]?.array ?? []
        return layers.compactMap { $0["name"]?.string ?? $0["config"]?["name"]?.string }
    }
}
