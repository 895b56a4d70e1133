// What the file of a model to be written was: a checkpoint of transformers, straight or by way of other formats.

import AssayArchitectures
import AssayContainers
import AssayGraph
import AssayTensors
import OrderedCollections

/// Where a model comes from that becomes a checkpoint.
struct CheckpointOrigin {
    /// How its file stored the weights.
    let dialect: HuggingFaceDialect
    /// Its configuration.
    let configuration: HuggingFaceConfiguration
    /// The tensors with what their names mean.
    let weights: HuggingFaceWeights
    /// The texts of `config.json` and what else stood beside the weights, by file name.
    let files: [(name: String, text: String)]
    /// The Keras layers of a TensorFlow file, also those without weights; empty where they are not known.
    let layerNames: [String]

    /// The origin of `model`.
    ///
    /// - Throws: `AssayError.usage` for a model that no checkpoint was made of, or one without a configuration.
    init(_ model: Model) throws(AssayError) {
        let source = model.provenance.attributes["source"]
        let attributes = source?["attributes"]?.object ?? model.provenance.attributes
        let name = source?["dialect"]?.string ?? model.provenance.dialect
        guard let dialect = HuggingFaceDialect(rawValue: name) else {
            throw AssayError(
                .usage, "is no checkpoint of Hugging Face, so none can be made of it", found: name,
                at: .init(file: model.provenance.path))
        }
        guard let json = attributes["config.json"] else {
            throw AssayError(
                .usage, "has no configuration of Hugging Face", at: .init(file: model.provenance.path),
                hint: "give it with --graph-from config.json")
        }
        self.dialect = dialect
        configuration = try HuggingFaceConfiguration(json)
        files = CarriedFiles.files(in: attributes)
        layerNames = attributes["layer_names"]?.array?.compactMap(\.string) ?? []
        let tied = attributes["tied"]?.object?.compactMapValues(\.string) ?? [:]
        weights = HuggingFaceWeights(
            NamedTensors(model.tensors), dialect: dialect, isBaseModel: configuration.isBaseModel, tied: tied)
    }
}

/// The files beside the weights that a conversion takes along as they are.
enum CarriedFiles {
    /// Their names.
    static let names = [HuggingFaceDialect.configuration.fileName, "generation_config.json"]
    private static let key = "files"
    private static let maximumSize = 1 << 24

    /// Keeps the texts of the files in the folder of the configuration at `path` in a model's provenance.
    static func keep(beside path: String, in provenance: inout Provenance) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        var texts: OrderedDictionary<String, JSON> = [:]
        for name in names {
            let file = name == HuggingFaceDialect.configuration.fileName ? path : folder + name
            guard let bytes = try? MappedFile(path: file).bytes, bytes.count <= maximumSize,
                let text = String(validating: bytes.array, as: UTF8.self)
            else { continue }
            texts[name] = .string(text)
        }
        provenance.attributes[key] = .object(texts)
    }

    /// The files that a provenance keeps; of one that keeps none, the configuration as it was understood.
    static func files(in attributes: OrderedDictionary<String, JSON>) -> [(name: String, text: String)] {
        let kept = names.compactMap { name in attributes[key]?[name]?.string.map { (name: name, text: $0) } }
        guard kept.isEmpty, let configuration = attributes["config.json"] else { return kept }
        return [(HuggingFaceDialect.configuration.fileName, configuration.prettyText + "\n")]
    }
}
