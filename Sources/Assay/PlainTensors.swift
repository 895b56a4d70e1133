// Files of tensors by name (safetensors, NPZ, ZTEN): as models, with the graph where Assay left one in the metadata.

import AssayContainers
import AssayOperators
import OrderedCollections

/// Turns named tensors into a model and back.
///
/// A model is written under its stored names, with its graph and provenance as JSON texts in the metadata, so that the
/// file runs alone and converts back bit for bit. Tensors from elsewhere become a model without a graph.
enum PlainTensors {
    /// The metadata's keys: the graph's JSON form, and what the source file was.
    struct Keys {
        let graph: String
        let provenance: String

        static let assay = Keys(graph: "assay.graph", provenance: "assay.provenance")
        static let zten = Keys(graph: ZTENFormat.graphKey, provenance: ZTENFormat.provenanceKey)
    }

    /// The model that a file holds.
    ///
    /// - Throws: `AssayError.unreadable` when the metadata is not what Assay writes.
    static func model(
        of content: NamedTensors, dialect: String, path: String, keys: Keys = .assay
    ) throws(AssayError) -> Model {
        var provenance = Provenance(dialect: dialect, path: path)
        if let text = content.metadata[keys.provenance] {
            provenance.attributes["source"] = try JSON(parsing: ByteRegion(Array(text.utf8)))
        }
        let others = content.metadata.filter { $0.key != keys.graph && $0.key != keys.provenance }
        if !others.isEmpty {
            provenance.attributes["metadata"] = .object(others.mapValues { .string($0) })
        }
        if let text = content.metadata[keys.graph] {
            return try Model(
                graphJSON: JSON(parsing: ByteRegion(Array(text.utf8))), tensors: content.tensors,
                provenance: provenance, resolver: OperatorRegistry.type(named:))
        }
        return weightsAlone(content.tensors, provenance)
    }

    private static func weightsAlone(
        _ tensors: OrderedDictionary<String, Tensor>, _ provenance: Provenance
    ) -> Model {
        let parameters = tensors.map { name, tensor in
            Parameter(
                role: name.split(whereSeparator: { $0 == "/" || $0 == "." }).last.map(String.init) ?? name, path: name,
                layer: LayerID(0), type: tensor.type, shape: tensor.shape, sources: [name])
        }
        let file = provenance.path.split(separator: "/").last.map(String.init) ?? provenance.path
        return Model(name: file, graph: nil, parameters: parameters, tensors: tensors, provenance: provenance)
    }

    /// What to write for a model.
    ///
    /// - Throws: `AssayError` when the graph has no JSON form.
    static func content(of model: Model, keys: Keys = .assay) throws(AssayError) -> NamedTensors {
        var content = NamedTensors(model.tensors)
        for (key, value) in model.provenance.attributes["metadata"]?.object ?? [:] {
            if let text = value.string { content.metadata[key] = text }
        }
        if let graph = try model.graphJSON() { content.metadata[keys.graph] = graph.text() }
        if let source = model.sourceJSON { content.metadata[keys.provenance] = source.text() }
        return content
    }
}

extension Model {
    /// What the first file was, before any conversion to plain tensors; nil where there is nothing to tell.
    var sourceJSON: JSON? {
        if let source = provenance.attributes["source"] { return source }
        let isPlain = provenance.attributes.keys.allSatisfy { $0 == "metadata" }
        guard graph != nil || !isPlain else { return nil }
        return ["dialect": .string(provenance.dialect), "attributes": .object(provenance.attributes)]
    }

    /// The dialect of the first file, before any conversion to plain tensors.
    var sourceDialect: String { provenance.attributes["source"]?["dialect"]?.string ?? provenance.dialect }
}
