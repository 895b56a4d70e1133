// Files of tensors by name (safetensors, NPZ, ZTEN): as models, with the graph where Assay left one in the metadata.

import AssayContainers
import AssayOperators
import OrderedCollections

/// Named tensors from a file, and what they are as a model.
///
/// A model is written under its stored names, with its graph and provenance as JSON texts in the metadata, so that the
/// file runs alone and converts back bit for bit. Tensors from elsewhere become a model without a graph.
struct PlainTensors {
    /// The metadata's keys: the graph's JSON form, and what the source file was.
    struct Keys {
        let graph: String
        let provenance: String

        static let assay = Keys(graph: "assay.graph", provenance: "assay.provenance")
        static let zten = Keys(graph: ZTENFormat.graphKey, provenance: ZTENFormat.provenanceKey)
    }

    private let content: NamedTensors
    private let keys: Keys
    private let provenance: Provenance

    /// The content of a file.
    ///
    /// - Throws: `AssayError.unreadable` when the metadata is not what Assay writes.
    init(_ content: NamedTensors, dialect: String, path: String, keys: Keys = .assay) throws(AssayError) {
        self.content = content
        self.keys = keys
        var provenance = Provenance(dialect: dialect, path: path)
        if let text = content.metadata[keys.provenance] {
            provenance.attributes["source"] = try JSON(parsing: text)
        }
        let others = content.metadata.filter { $0.key != keys.graph && $0.key != keys.provenance }
        if !others.isEmpty { provenance.attributes["metadata"] = .object(others.mapValues { .string($0) }) }
        self.provenance = provenance
    }

    /// The model, with the graph of another file where one is given.
    ///
    /// - Throws: `AssayError.unreadable` when the tensors do not fit the graph.
    func model(graphFrom: String?) throws(AssayError) -> Model {
        if let graphFrom { return try attached(to: Model.open(graphFrom)) }
        guard let text = content.metadata[keys.graph] else { return weightsAlone }
        return try Model(
            graphJSON: JSON(parsing: text), tensors: content.tensors, provenance: provenance,
            resolver: OperatorRegistry.type(named:))
    }

    private var weightsAlone: Model {
        let parameters = content.tensors.map { name, tensor in
            Parameter(
                role: name.split(whereSeparator: { $0 == "/" || $0 == "." }).last.map(String.init) ?? name, path: name,
                layer: LayerID(0), type: tensor.type, shape: tensor.shape, sources: [name])
        }
        let file = provenance.path.split(separator: "/").last.map(String.init) ?? provenance.path
        return Model(name: file, graph: nil, parameters: parameters, tensors: content.tensors, provenance: provenance)
    }

    /// The architecture of another model with these weights: by its stored names, or by its parameters' paths.
    private func attached(to architecture: Model) throws(AssayError) -> Model {
        var model = architecture
        model.graph = try architecture.requireGraph()
        model.tensors = content.tensors
        model.provenance = provenance
        for (index, parameter) in architecture.parameters.enumerated() {
            if !parameter.sources.isEmpty, parameter.sources.allSatisfy({ content.tensors[$0] != nil }) { continue }
            guard let tensor = content.tensors[parameter.path] else {
                throw .unreadable(
                    "no tensor for this parameter", expected: parameter.sources.first ?? parameter.path,
                    object: parameter.path, hint: "the architecture comes from \(architecture.provenance.path)")
            }
            guard tensor.shape == parameter.shape else {
                throw .unreadable(
                    "wrong shape", expected: "\(parameter.shape)", found: "\(tensor.shape)", object: parameter.path)
            }
            model.parameters[index].sources = [parameter.path]
            model.parameters[index].view = .stored(0)
            model.parameters[index].type = tensor.type
        }
        return model
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
