// The public entry: a Hugging Face folder, or a file of it → a model.

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

    /// Reads a checkpoint: its tensors by name and its configuration, with no graph.
    ///
    /// What contradicts the configuration is a defect of the model.
    ///
    /// - Parameters:
    ///   - path: the folder, or the file with the weights, or `config.json`.
    ///   - configurationPath: a configuration to read instead of the folder's own.
    /// - Throws: `AssayError.unreadable` when a file is missing, damaged or refused, or the configuration is not sane.
    public static func read(path: String, configurationPath: String? = nil) throws(AssayError) -> Model {
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
        if let configuration {
            model.defects = ConfigurationCheck.defects(of: configuration, parameters, Array(own.values))
            addGraph(to: &model, configuration, weights, isTensorFlow: folder.dialect.isTensorFlow)
        }
        return model
    }

    /// Gives the model its graph where its architecture is known; else the model says why it has none.
    private static func addGraph(
        to model: inout Model, _ configuration: HuggingFaceConfiguration, _ weights: HuggingFaceWeights,
        isTensorFlow: Bool
    ) {
        do throws(AssayError) {
            let built = try CheckpointModel(configuration, weights, isTensorFlow: isTensorFlow)
            model.graph = built.graph
            model.parameters = built.parameters
        } catch {
            model.graphAbsence = error.message
            if error.code == .unreadable {
                model.defects.append(Defect(layer: error.location.object ?? "", error: error))
            }
        }
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
