// The public entry: a model → any kind of Keras file.

import AssayContainers
import AssayGraph
import AssayTensors
import Glibc
import OrderedCollections

/// Writes a model that came from a Keras file, straight or by way of other formats, as a Keras file.
///
/// The configuration is written as it was read. Where the kind of file stays, every name, group and attribute does; where it
/// changes, the model's layers lay the weights out, the optimizer's state goes along, and what the new kind has no place for
/// is kept in a group that Keras ignores, for the way back.
public struct KerasWriter: Sendable {
    /// What is written.
    private let model: Model
    private let origin: KerasOrigin
    private let target: KerasTarget
    private let layout: WeightLayout
    /// Whether the file is the source's own kind again, root attributes included.
    private let isCopy: Bool

    /// Decides how `model` becomes a file.
    ///
    /// - Throws: `AssayError.usage` when it has no configuration of Keras, or a weight's place is not known.
    public init(_ model: Model, as target: KerasTarget) throws(AssayError) {
        self.model = model
        self.target = target
        origin = try KerasOrigin(model)
        let stored = target == origin.dialect?.target ? origin.stored : nil
        isCopy = stored != nil
        guard target != .architecture else {
            layout = WeightLayout()
            return
        }
        if let stored {
            layout = try WeightLayout(copying: model, origin, stored)
            return
        }
        let assembly = try GraphAssembly.assembled(origin.configuration, origin.generation)
        if target.isByObject {
            var object = ObjectLayout(origin, model, assembly)
            var made = try object.make()
            let archive: KerasDialect = origin.generation == .keras3 ? .keras3Archive : .keras2Archive
            made.addRest(of: model, origin, for: target == .archive ? archive : .objectWeights)
            layout = made
        } else {
            var legacy = LegacyLayout(origin, model, assembly, prefix: target.weightPrefix)
            var made = try legacy.make()
            if target == .wholeHDF5 {
                made.addRest(of: model, origin, for: origin.generation == .keras3 ? .keras3HDF5 : .keras2HDF5)
            }
            layout = made
        }
    }

    /// The datasets of the new file.
    public var entries: [KerasEntry] { layout.entries }

    /// Writes the file. It is there whole or not at all.
    ///
    /// - Throws: `AssayError.writeFailed`, and what decoding a tensor throws.
    public func write(to path: String, pool: ThreadPool = ThreadPool()) throws(AssayError) {
        switch target {
        case .architecture: try writeText(origin.archiveConfiguration, to: path)
        case .archive: try writeArchive(to: path, pool)
        case .objectWeights, .legacyWeights: try layout.writer(for: model).write(to: path, pool: pool)
        case .wholeHDF5:
            var writer = try layout.writer(for: model)
            if !isCopy { try setRootAttributes(of: &writer) }
            try writer.write(to: path, pool: pool)
        }
    }

    private func setRootAttributes(of writer: inout HDF5Writer) throws(AssayError) {
        try writer.setAttribute("model_config", of: "/", to: .string(origin.legacyConfiguration.text(separator: " ")))
        try writer.setAttribute("keras_version", of: "/", to: .string(origin.version))
        try writer.setAttribute("backend", of: "/", to: .string(origin.attributes["backend"]?.string ?? "tensorflow"))
        if let training = origin.trainingConfiguration {
            try writer.setAttribute("training_config", of: "/", to: .string(training.text(separator: " ")))
        }
    }

    private func writeText(_ json: JSON, to path: String) throws(AssayError) {
        let file = try AtomicFile(path: path)
        try file.write(ByteRegion(Array(json.text(separator: " ").utf8)), at: 0)
        try file.commit()
    }

    /// The weights are written beside the archive first, since libhdf5 writes files alone.
    private func writeArchive(to path: String, _ pool: ThreadPool) throws(AssayError) {
        let weights = "\(path).assay-weights-\(getpid())"
        defer { unlink(weights) }
        do throws(AssayError) {
            try layout.writer(for: model).write(to: weights, pool: pool)
        } catch {
            var error = error
            if error.location.file == weights { error.location.file = path }
            throw error
        }
        let metadata: JSON =
            origin.attributes["metadata.json"]
            ?? ["keras_version": .string(origin.version), "date_saved": "1980-01-01@00:00:00"]
        let archive = try ZipWriter(path: path, pool: pool)
        try archive.addStored("metadata.json", [.bytes(text(metadata))])
        try archive.addStored("config.json", [.bytes(text(origin.archiveConfiguration))])
        try archive.addStored("model.weights.h5", [.bytes(MappedFile(path: weights).bytes)], alignment: 64)
        for (name, content) in try ArchiveAssets(json: origin.attributes["assets"]).files {
            try archive.addStored(name, [.bytes(content)])
        }
        try archive.finish()
    }

    private func text(_ json: JSON) -> ByteRegion { ByteRegion(Array(json.text(separator: " ").utf8)) }
}

extension GraphAssembly {
    /// Whether `model` has parameters of the layer that owns `scope`.
    func hasWeights(_ scope: WeightScope, in model: Model) -> Bool {
        let path = builder.graph[scope.layer].path
        return model.parameters.contains { $0.path.hasPrefix(path + "/") }
    }

    /// The graph and the tree of weights of a configuration, with nothing bound yet.
    ///
    /// - Throws: `AssayError.unreadable` when the configuration is wrong.
    static func assembled(_ entry: JSON, _ generation: KerasGeneration) throws(AssayError) -> GraphAssembly {
        let plan = try ModelPlan(KerasConfiguration(entry, generation: generation), enclosing: "")
        let assembly = GraphAssembly(plan)
        try ModelLayer(plan, in: assembly.root.layer, of: assembly).assemble(in: assembly)
        return assembly
    }
}
