// How the names of a checkpoint's tensors say where they belong: PyTorch's, and TensorFlow's in whole files and in shards.

/// A way of naming the tensors of a checkpoint.
public enum CheckpointNaming: Sendable, Hashable, CaseIterable {
    /// `encoder.layer.0.output.dense.weight`.
    case pytorch
    /// `bert/tf_bert_model/bert/encoder/…/kernel:0`: the group of a Keras layer, then the variable's own name.
    case tensorFlow
    /// `tf_bert_model/bert/encoder/…/kernel:0`: the variable's name alone.
    case tensorFlowShards

    /// Whether tensors are named and stored as TensorFlow does.
    public var isTensorFlow: Bool { self != .pytorch }

    /// Where a stored tensor belongs.
    public func place(of name: String) -> StoredName {
        switch self {
        case .pytorch: return StoredName(torch: name)
        case .tensorFlowShards: return StoredName(tensorFlow: name)
        case .tensorFlow:
            let variable = name.split(separator: "/").dropFirst().joined(separator: "/")
            return StoredName(tensorFlow: variable.isEmpty ? name : variable)
        }
    }
}
