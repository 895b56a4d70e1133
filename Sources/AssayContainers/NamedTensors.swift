// What every container of tensors gives and takes.

import AssayTensors
import OrderedCollections

/// Tensors by name, in the order of their file, and the texts that the file keeps beside them.
public struct NamedTensors: Sendable {
    /// The tensors by name.
    public var tensors: OrderedDictionary<String, Tensor>
    /// The file's own metadata (`__metadata__` of safetensors); empty where a format has none.
    public var metadata: OrderedDictionary<String, String>

    /// Tensors and metadata.
    public init(
        _ tensors: OrderedDictionary<String, Tensor> = [:], metadata: OrderedDictionary<String, String> = [:]
    ) {
        self.tensors = tensors
        self.metadata = metadata
    }
}
