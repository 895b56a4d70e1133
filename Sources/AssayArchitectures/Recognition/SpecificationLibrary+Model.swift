// Recognising the checkpoint that a model was read from.

import AssayGraph
import AssayTensors
import OrderedCollections

extension SpecificationLibrary {
    /// What the checkpoint of a model is; nil for a model that has its graph from its own file, and for what nothing fits.
    ///
    /// - Parameters:
    ///   - configuration: a `config.json`, where the model itself has none.
    ///   - forced: the architecture it must be.
    public func recogniseCheckpoint(
        _ model: Model, configuration: JSON? = nil, as forced: Specification? = nil
    ) -> Recognition? {
        guard model.isCheckpoint, forced?.blueprint != nil || forced == nil else { return nil }
        let source = model.provenance.attributes["source"]
        let dialect = source?["dialect"]?.string ?? model.provenance.dialect
        let own = model.provenance.attributes["config.json"] ?? source?["attributes"]?["config.json"]
        return recogniseCheckpoint(
            model.tensors.mapValues(\.shape),
            namings: CheckpointNaming.candidates(model.tensors.keys, dialect: dialect),
            configuration: configuration ?? own, as: forced)
    }
}

extension Model {
    /// Whether the model's graph, if it has one, comes from a specification and not from its own file.
    public var isCheckpoint: Bool {
        let source = provenance.attributes["source"]
        let dialect = source?["dialect"]?.string ?? provenance.dialect
        let attributes = source?["attributes"]?.object ?? provenance.attributes
        return dialect.hasPrefix("hf-") || graph == nil || attributes[Model.recognisedKey] != nil
    }

    /// The attribute of a provenance that says as what architecture the file's tensors were recognised: the graph was built
    /// from its specification.
    public static let recognisedKey = "architecture"
}

extension CheckpointNaming {
    /// How tensors may be named: as the dialect of their file says, else as the names themselves look.
    static func candidates(_ names: OrderedSet<String>, dialect: String) -> [CheckpointNaming] {
        switch dialect {
        case "hf-tf-h5": [.tensorFlow]
        case "hf-tf-h5-sharded": [.tensorFlowShards]
        case _ where names.contains { $0.contains("/") }: [.tensorFlow, .tensorFlowShards]
        default: [.pytorch]
        }
    }
}
