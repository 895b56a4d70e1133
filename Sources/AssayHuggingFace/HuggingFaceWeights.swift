// The tensors of a checkpoint under their stored names, with what each name means.

import AssayArchitectures
import AssayContainers
import AssayTensors
import OrderedCollections

/// The weights of a checkpoint.
struct HuggingFaceWeights {
    /// The tensors by their stored names.
    let content: NamedTensors
    /// Where each stored tensor belongs.
    private(set) var names: OrderedDictionary<String, StoredName> = [:]
    /// Stored names that are copies, or further names, of another one, which is the value here.
    private(set) var tied: OrderedDictionary<String, String> = [:]
    /// The Keras layers of a TensorFlow file, also those without weights.
    private(set) var layerNames: [String] = []

    /// Reads the weights of a folder.
    ///
    /// - Parameter isBaseModel: whether the model has no head.
    /// - Throws: `AssayError.unreadable` when a file is damaged, refused or missing.
    init(_ folder: HuggingFaceFolder, isBaseModel: Bool) throws(AssayError) {
        let path = folder.file
        var content = NamedTensors()
        var tied: OrderedDictionary<String, String> = [:]
        var layerNames: [String] = []
        switch folder.dialect {
        case .configuration: break
        case .safetensors, .shardedSafetensors: content = try SafeTensorsFile.open(path)
        case .torch:
            let file = try TorchFile.open(path)
            content = file.content
            for group in file.tied {
                for name in group.dropFirst() { tied[name] = group.first }
            }
        case .shardedTorch:
            content = try ShardIndex(path: path, suffix: ".bin").read { (shard, _) throws(AssayError) in
                try TorchFile.open(shard).content
            }
        case .tensorFlow: (content, layerNames) = try TensorFlowWeights.read(path)
        case .shardedTensorFlow: content = try TensorFlowWeights.read(index: path)
        }
        self.init(content, dialect: folder.dialect, isBaseModel: isBaseModel, tied: tied)
        self.layerNames = layerNames
    }

    /// Says what the names of tensors mean.
    ///
    /// - Parameter tied: names that share their storage with another one.
    init(
        _ content: NamedTensors, dialect: HuggingFaceDialect, isBaseModel: Bool,
        tied: OrderedDictionary<String, String>
    ) {
        self.content = content
        self.tied = tied
        for name in content.tensors.keys { names[name] = dialect.naming.place(of: name) }
        if dialect.isTensorFlow {
            if isBaseModel { dropCommonModule() }
            tieRepeatedVariables()
        }
    }

    /// TensorFlow's models without a head have all modules in one, which PyTorch's names leave out.
    private mutating func dropCommonModule() {
        guard let first = names.values.first?.modules.first,
            names.values.allSatisfy({ $0.modules.first == first })
        else { return }
        for name in names.keys { names[name]?.modules.removeFirst() }
    }

    /// A variable that several Keras layers reach is written again under each of them.
    private mutating func tieRepeatedVariables() {
        var first: [StoredName: String] = [:]
        for (stored, name) in names {
            if let known = first[name], content.tensors[known]?.shape == content.tensors[stored]?.shape {
                tied[stored] = known
            } else if first[name] == nil {
                first[name] = stored
            }
        }
    }
}
