// The tensors of a new checkpoint, each made of stored tensors of the source: names by the specification, movements by the
// views of both dialects, one after the other.

import AssayArchitectures
import AssayGraph
import AssayTensors
import OrderedCollections

/// A tensor of a new checkpoint, and what it is made of.
public struct CheckpointEntry: Sendable {
    /// Its name; in HDF5 its path.
    public var name: String
    /// The source's stored tensors.
    public var sources: [String]
    /// How they make it.
    public var view: View
}

/// How a model's tensors become those of a checkpoint in another dialect.
struct CheckpointTranslation {
    /// The tensors of the new file.
    private(set) var entries: [CheckpointEntry] = []
    /// The groups of a TensorFlow file, also those that nothing stands in.
    private(set) var groups: OrderedSet<String> = []

    /// Decides for a model from `origin`.
    ///
    /// - Throws: `AssayError.usage` when the names in the other dialect are not known; `AssayError.unreadable` when a tensor
    ///   is missing or does not fit.
    init(_ origin: CheckpointOrigin, to target: HuggingFaceDialect) throws(AssayError) {
        if target.isTensorFlow ? origin.dialect == .tensorFlow : !origin.dialect.isTensorFlow {
            copy(origin, isTensorFlow: target.isTensorFlow)
        } else {
            try translate(origin, isTensorFlow: target.isTensorFlow)
        }
    }

    /// Names stay as they are where they are the dialect's. PyTorch's files hold one name of those that share a tensor.
    private mutating func copy(_ origin: CheckpointOrigin, isTensorFlow: Bool) {
        groups.append(contentsOf: origin.layerNames)
        for name in origin.weights.content.tensors.keys where isTensorFlow || origin.weights.tied[name] == nil {
            entries.append(CheckpointEntry(name: name, sources: [name], view: .stored(0)))
            if isTensorFlow, let group = name.split(separator: "/").first { groups.append(String(group)) }
        }
    }

    private mutating func translate(_ origin: CheckpointOrigin, isTensorFlow: Bool) throws(AssayError) {
        let architecture: CheckpointArchitecture
        do throws(AssayError) {
            architecture = try CheckpointArchitecture(origin.configuration)
        } catch {
            throw AssayError(
                .usage, "the names of its tensors in \(isTensorFlow ? "TensorFlow" : "PyTorch") are not known",
                hint: error.message)
        }
        if isTensorFlow { try requireTensorFlow(architecture) }
        let found = try architecture.found(in: origin)
        if isTensorFlow { return try addVariables(found, of: architecture) }
        for (tensor, stored) in found {
            for name in tensor.pytorchNames { try add(name, stored, as: tensor.pytorch) }
        }
    }

    /// Makes sure that a TensorFlow model of transformers reads the file and computes the same.
    private func requireTensorFlow(_ architecture: CheckpointArchitecture) throws(AssayError) {
        let name = architecture.className
        guard architecture.blueprint.hasTensorFlow, architecture.head.hasTensorFlow else {
            throw AssayError(.usage, "transformers has no \(name) for TensorFlow", expected: "a class TF\(name)")
        }
        let ignored = try architecture.blueprint.ignoredInTensorFlow(architecture.values, head: architecture.head)
        if let ignored {
            throw AssayError(
                .usage,
                "the model has \(ignored), which TF\(name) of transformers ignores: it would compute something else")
        }
    }

    private mutating func addVariables(
        _ found: [(tensor: ExpectedTensor, stored: StoredParameter)], of architecture: CheckpointArchitecture
    ) throws(AssayError) {
        let naming = architecture.tensorFlowNaming
        for (tensor, stored) in found {
            try add(tensor, stored, to: naming.group(of: tensor), naming)
        }
        groups.append(contentsOf: try architecture.head.tensorFlowLayerNames(architecture.values))
        // What a second layer reaches stands there once more.
        for (group, modules) in architecture.head.tensorFlowRepeats {
            for (tensor, stored) in found where naming.belongs(tensor, to: modules) {
                try add(tensor, stored, to: group, naming)
            }
        }
    }

    private mutating func add(
        _ tensor: ExpectedTensor, _ stored: StoredParameter, to group: String, _ naming: TensorFlowNaming
    ) throws(AssayError) {
        groups.append(group)
        for variable in naming.variables(of: tensor) {
            try add("\(group)/\(variable)", stored, as: tensor.tensorFlow)
        }
    }

    private mutating func add(
        _ name: String, _ stored: StoredParameter, as target: BlockSpecification.Stored
    ) throws(AssayError) {
        let view = try target.view(of: stored.view(), over: stored.shape)
        entries.append(
            CheckpointEntry(name: name, sources: [stored.name], view: try view.simplified(for: [stored.shape])))
    }
}
