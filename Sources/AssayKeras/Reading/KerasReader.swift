// The public entry: any Keras file → a model.

import AssayContainers
import AssayGraph
import AssayTensors
import OrderedCollections

/// Reads models that Keras wrote, in every dialect. Nothing in a file is ever executed.
public enum KerasReader {
    /// The dialect of a file, by what it holds; nil when it is no Keras file.
    ///
    /// - Throws: `AssayError.unreadable` when it cannot be read, or is a damaged Keras file.
    public static func recognise(path: String) throws(AssayError) -> KerasDialect? {
        try KerasFile(path: path)?.dialect
    }

    /// Reads a model.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - graphFrom: a file that has the architecture, for one that holds weights alone.
    ///   - pool: threads for decoding.
    /// - Throws: `AssayError.unreadable` naming the layer or dataset that is wrong.
    public static func read(
        path: String, graphFrom: String? = nil, pool: ThreadPool = ThreadPool()
    ) throws(AssayError) -> Model {
        guard let file = try KerasFile(path: path, pool: pool) else {
            throw .unreadable("is no Keras file", file: path)
        }
        var architecture = file
        if let graphFrom {
            guard let other = try KerasFile(path: graphFrom, pool: pool), other.configuration != nil else {
                throw .unreadable("has no architecture of a Keras model", file: graphFrom)
            }
            architecture = other
        }
        do throws(AssayError) {
            return try model(of: file, architecture)
        } catch {
            throw error.located(file: path)
        }
    }

    private static func model(of file: KerasFile, _ architecture: KerasFile) throws(AssayError) -> Model {
        var provenance = Provenance(dialect: file.dialect.rawValue, path: file.path, attributes: file.attributes)
        var tensors: OrderedDictionary<String, Tensor> = [:]
        if let root = file.root {
            tensors = try ObjectGroup(root, shards: file.shards).allTensors()
            var stored = try HDF5Attributes(root) { $0.hasSuffix("_config") }
            for shard in file.shards { stored.add(try HDF5Attributes(shard) { _ in false }) }
            provenance.attributes["hdf5"] = stored.json
        }
        if architecture.path != file.path { provenance.attributes["graph_from"] = .string(architecture.path) }
        guard let entry = architecture.configuration, ModelPlan.isGraph(entry) else {
            return weightsAlone(tensors, provenance, name: architecture.configuration?["config"]?["name"]?.string)
        }
        let configuration = try KerasConfiguration(entry, generation: architecture.generation ?? .keras2)
        let plan = try ModelPlan(configuration, enclosing: "")
        let assembly = GraphAssembly(plan, keepsAdaptersApart: file.isLegacy)
        try ModelLayer(plan, in: assembly.root.layer, of: assembly).assemble(in: assembly)
        if let weights = file.weights {
            let binding: any WeightBinding =
                file.isLegacy ? LegacyWeights(weights) : ObjectWeights(ObjectGroup(weights, shards: file.shards))
            try binding.bind(assembly)
        }
        assembly.builder.graph.checkInvariants()
        return Model(
            name: configuration.values["name"]?.string ?? "", graph: assembly.builder.graph,
            parameters: assembly.builder.parameters, tensors: tensors, provenance: provenance,
            defects: assembly.defects)
    }

    /// A file without an architecture: a parameter for each stored tensor.
    private static func weightsAlone(
        _ tensors: OrderedDictionary<String, Tensor>, _ provenance: Provenance, name: String?
    ) -> Model {
        let parameters = tensors.map { name, tensor in
            Parameter(
                role: name.split(separator: "/").last.map(String.init) ?? name, path: name, layer: LayerID(0),
                type: tensor.type, shape: tensor.shape, sources: [name])
        }
        return Model(name: name ?? "", graph: nil, parameters: parameters, tensors: tensors, provenance: provenance)
    }
}

extension KerasFile {
    /// Whether weights are stored by layer and name.
    var isLegacy: Bool {
        switch dialect {
        case .keras1HDF5, .keras2HDF5, .keras3HDF5, .legacyWeights: true
        case .keras2Archive, .keras3Archive, .objectWeights, .shardedWeights, .json: false
        }
    }
}
