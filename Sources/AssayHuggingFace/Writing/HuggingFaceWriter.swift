// The public entry: a model that came from a checkpoint → the folder of a checkpoint, in either dialect.

import AssayContainers
import AssayGraph
import AssayTensors
import Glibc
import OrderedCollections

/// Writes a model that came from a Hugging Face checkpoint, straight or by way of other formats, as a checkpoint that
/// transformers loads.
///
/// The configuration goes along byte for byte. The weights are named and laid out as the dialect's own library writes them;
/// the specification of the architecture says how.
public struct HuggingFaceWriter: Sendable {
    /// The dialects that are written.
    public static let dialects: [HuggingFaceDialect] = [.safetensors, .tensorFlow]

    /// The files that a folder of a dialect holds, at most.
    public static func fileNames(of dialect: HuggingFaceDialect) -> Set<String> {
        Set(CarriedFiles.names).union([dialect.fileName])
    }

    private let model: Model
    private let dialect: HuggingFaceDialect
    private let files: [(name: String, text: String)]
    private let translation: CheckpointTranslation

    /// Decides how `model` becomes a checkpoint.
    ///
    /// - Throws: `AssayError.usage` when it comes from none, or the names of its tensors in the other dialect are not known;
    ///   `AssayError.unreadable` when a tensor is missing or does not fit.
    public init(_ model: Model, as dialect: HuggingFaceDialect) throws(AssayError) {
        precondition(HuggingFaceWriter.dialects.contains(dialect), "a dialect that is written")
        let origin = try CheckpointOrigin(model)
        self.model = model
        self.dialect = dialect
        files = origin.files
        do throws(AssayError) {
            translation = try CheckpointTranslation(origin, to: dialect)
        } catch {
            throw error.located(file: model.provenance.path)
        }
    }

    /// The tensors of the new file.
    public var entries: [CheckpointEntry] { translation.entries }

    /// The stored tensors that neither are in the new file nor equal one that is: buffers of older versions, weights of
    /// heads that the model's class does not have, copies that are none.
    ///
    /// - Throws: `AssayError.unreadable` when a tensor cannot be decoded.
    public func leftOut() throws(AssayError) -> [String] {
        let used = OrderedSet(translation.entries.flatMap(\.sources))
        var leftOut: [String] = []
        for (name, tensor) in model.tensors where !used.contains(name) {
            var isCopy = false
            for other in used {
                guard !isCopy, let kept = model.tensors[other], kept.shape == tensor.shape else { continue }
                isCopy = try tensor.isBitEqual(to: kept)
            }
            if !isCopy { leftOut.append(name) }
        }
        return leftOut
    }

    /// Writes the weights into the folder at `path`, and beside them the configuration where it is not there yet.
    ///
    /// - Throws: `AssayError.writeFailed`, and what decoding a tensor throws.
    public func write(toFolder path: String, pool: ThreadPool = ThreadPool()) throws(AssayError) {
        let weights = "\(path)/\(dialect.fileName)"
        if dialect.isTensorFlow {
            try TensorFlowFile.write(try tensors(), groups: translation.groups, to: weights, pool: pool)
        } else {
            try SafeTensorsFile.write(
                NamedTensors(try tensors(), metadata: ["format": "pt"]), to: weights, pool: pool)
        }
        for (name, text) in files where access("\(path)/\(name)", F_OK) != 0 {
            let file = try AtomicFile(path: "\(path)/\(name)")
            try file.write(ByteRegion(Array(text.utf8)), at: 0)
            try file.commit()
        }
    }

    /// The new tensors, whose elements are moved when they are written.
    private func tensors() throws(AssayError) -> OrderedDictionary<String, Tensor> {
        var tensors: OrderedDictionary<String, Tensor> = [:]
        for entry in translation.entries {
            var stored: [Tensor] = []
            for name in entry.sources {
                guard let tensor = model.tensors[name] else {
                    throw .unreadable("a stored tensor is missing", file: model.provenance.path, object: name)
                }
                stored.append(tensor)
            }
            tensors[entry.name] = try entry.view.deferred(over: stored)
        }
        return tensors
    }
}
