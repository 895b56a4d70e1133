// The tensors of a checkpoint by what their names mean, for the assembly of its graph.

import AssayArchitectures
import AssayTensors
import OrderedCollections

/// Finds the stored tensor of each parameter that an architecture asks for.
struct CheckpointStore: ParameterStore {
    private let tensors: OrderedDictionary<String, Tensor>
    private let names: [StoredName: String]
    private let isTensorFlow: Bool

    /// The tensors of `weights`.
    init(_ weights: HuggingFaceWeights, isTensorFlow: Bool) {
        tensors = weights.content.tensors
        self.isTensorFlow = isTensorFlow
        // Of a tensor that stands there several times, the first counts.
        names = Dictionary(weights.names.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    }

    func stored(_ tensor: ExpectedTensor) -> StoredParameter? {
        let stored = tensor.stored(isTensorFlow: isTensorFlow)
        let places = stored.allNames.lazy.map { StoredName(modules: tensor.module.names, dotted: $0) }
        guard let name = places.compactMap({ names[$0] }).first, let found = tensors[name] else { return nil }
        return StoredParameter(name: name, type: found.type, shape: found.shape, stored: stored)
    }
}
