// The public entry: a Hugging Face folder, or a file of it → a model.

import AssayArchitectures
import AssayContainers
import AssayGraph
import AssayTensors
import OrderedCollections

/// Reads checkpoints of Hugging Face's transformers. Nothing in a file is ever executed, and nothing outside the
/// checkpoint's folder is read.
public enum HuggingFaceReader {
    /// Whether `path` is a checkpoint's folder, or a file of one beside its configuration.
    public static func recognises(path: String) -> Bool { HuggingFaceFolder.recognises(path: path) }

    /// Whether the file at `path` is the configuration of a model of transformers.
    public static func isConfiguration(path: String) -> Bool { HuggingFaceConfiguration.recognises(path: path) }

    /// Reads a checkpoint: its tensors by name, its configuration, and the graph of its architecture where that is known.
    ///
    /// What contradicts the configuration or the architecture is a defect of the model.
    ///
    /// - Parameters:
    ///   - path: the folder, or the file with the weights, or `config.json`.
    ///   - configurationPath: a configuration to read instead of the folder's own.
    ///   - library: the architectures to know, instead of Assay's own.
    /// - Throws: `AssayError.unreadable` when a file is missing, damaged or refused, or the configuration is not sane.
    public static func read(
        path: String, configurationPath: String? = nil, library: SpecificationLibrary? = nil
    ) throws(AssayError) -> Model {
        let folder = try HuggingFaceFolder(path: path)
        var configuration: HuggingFaceConfiguration?
        let configurationPath = configurationPath ?? folder.configuration
        if let file = configurationPath {
            configuration = try HuggingFaceConfiguration(path: file)
        }
        let weights = try HuggingFaceWeights(folder, isBaseModel: configuration?.isBaseModel ?? false)
        let own = weights.names.filter { weights.tied[$0.key] == nil || !folder.dialect.isTensorFlow }
        let parameters = own.compactMap { stored, name -> Parameter? in
            guard let tensor = weights.content.tensors[stored] else { return nil }
            return Parameter(
                role: name.role, path: name.path, layer: LayerID(0), type: tensor.type, shape: tensor.shape,
                sources: [stored])
        }
        var model = Model(
            name: configuration?.architecture ?? configuration?.modelType ?? folder.dialect.fileName, graph: nil,
            parameters: parameters, tensors: weights.content.tensors,
            provenance: provenance(folder, configuration, weights, path: path))
        if let configurationPath { CarriedFiles.keep(beside: configurationPath, in: &model.provenance) }
        let library: SpecificationLibrary = if let library { library } else { try .builtIn() }
        if let recognition = library.recogniseCheckpoint(model) {
            model.assemble(as: recognition, configuration)
        } else if let configuration {
            model.defects = ConfigurationCheck.defects(of: configuration, parameters, Array(own.values))
            let type = configuration.modelType ?? configuration.architecture ?? "unknown"
            model.graphAbsence =
                "no graph is built for the architecture '\(type)' of Hugging Face: it can be inspected, converted and "
                + "compared by its weights, not run"
        }
        return model
    }

    /// Gives a model that holds weights alone the graph of the architecture that its tensors are.
    ///
    /// - Parameter configurationPath: the `config.json` that says what the tensors do not; nil for none.
    /// - Throws: `AssayError.unreadable` when the configuration cannot be read.
    public static func completed(_ model: Model, configurationPath: String?) throws(AssayError) -> Model {
        var model = model
        let configuration = try configurationPath.map { (path) throws(AssayError) in
            try HuggingFaceConfiguration(path: path)
        }
        if let configuration { model.provenance.attributes["config.json"] = configuration.json }
        if let recognition = try SpecificationLibrary.builtIn().recogniseCheckpoint(model) {
            model.assemble(as: recognition, configuration)
        }
        return model
    }

    private static func provenance(
        _ folder: HuggingFaceFolder, _ configuration: HuggingFaceConfiguration?, _ weights: HuggingFaceWeights,
        path: String
    ) -> Provenance {
        var provenance = Provenance(dialect: folder.dialect.rawValue, path: path)
        provenance.attributes["weights"] = .string(folder.dialect.fileName)
        if let configuration { provenance.attributes["config.json"] = configuration.json }
        if !weights.layerNames.isEmpty { provenance.attributes["layer_names"] = JSON(weights.layerNames) }
        if !weights.tied.isEmpty { provenance.attributes["tied"] = .object(weights.tied.mapValues { .string($0) }) }
        let metadata = weights.content.metadata
        if !metadata.isEmpty { provenance.attributes["metadata"] = .object(metadata.mapValues { .string($0) }) }
        return provenance
    }
}
