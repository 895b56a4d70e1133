// The dialects of Hugging Face checkpoints: which file of a folder has the weights, and how.

import AssayArchitectures

/// A way in which transformers stores weights beside `config.json`.
public enum HuggingFaceDialect: String, Sendable, Hashable, CaseIterable {
    /// `model.safetensors`.
    case safetensors = "hf-safetensors"
    /// `model.safetensors.index.json` and its shards.
    case shardedSafetensors = "hf-safetensors-sharded"
    /// `tf_model.h5`.
    case tensorFlow = "hf-tf-h5"
    /// `tf_model.h5.index.json` and its shards.
    case shardedTensorFlow = "hf-tf-h5-sharded"
    /// `pytorch_model.bin`.
    case torch = "hf-torch-bin"
    /// `pytorch_model.bin.index.json` and its shards.
    case shardedTorch = "hf-torch-bin-sharded"
    /// `config.json` alone.
    case configuration = "hf-config"

    /// The name that transformers gives the file.
    public var fileName: String {
        switch self {
        case .safetensors: "model.safetensors"
        case .shardedSafetensors: "model.safetensors.index.json"
        case .tensorFlow: "tf_model.h5"
        case .shardedTensorFlow: "tf_model.h5.index.json"
        case .torch: "pytorch_model.bin"
        case .shardedTorch: "pytorch_model.bin.index.json"
        case .configuration: "config.json"
        }
    }

    /// The dialects with weights, in the order in which a folder that has several is read.
    static let weights: [HuggingFaceDialect] = allCases.filter { $0 != .configuration }

    /// Whether names are those of TensorFlow's variables.
    var isTensorFlow: Bool { naming.isTensorFlow }

    /// How its tensors are named.
    var naming: CheckpointNaming {
        switch self {
        case .tensorFlow: .tensorFlow
        case .shardedTensorFlow: .tensorFlowShards
        case .safetensors, .shardedSafetensors, .torch, .shardedTorch, .configuration: .pytorch
        }
    }
}
