// The tensors of a checkpoint by what their names mean, for the assembly of its graph.

import AssayArchitectures
import AssayTensors
import OrderedCollections

/// Finds the stored tensor of each parameter that an architecture asks for.
struct CheckpointStore: ParameterStore {
    private let tensors: OrderedDictionary<String, Tensor>
    private let names: [StoredName: String]
    private let isTensorFlow: Bool
    private let prefix: Prefix

    /// How the file's names differ from those that are asked for: a model with a head may be stored under the names of the
    /// model without one, and the other way round, as transformers accepts it (`_load_pretrained_model`). GPT-2 is
    /// published so.
    private enum Prefix {
        case same
        /// The module around the model without its head is not in the file's names.
        case leftOut(String)
        /// It is in the file's names alone.
        case added(String)
    }

    /// The tensors of `weights`.
    ///
    /// - Parameters:
    ///   - module: the module that holds the model where there is a head.
    ///   - base: the modules that hold it under this head; none for the model without one.
    init(_ weights: HuggingFaceWeights, isTensorFlow: Bool, module: String, base: [String]) {
        tensors = weights.content.tensors
        self.isTensorFlow = isTensorFlow
        // Of a tensor that stands there several times, the first counts.
        names = Dictionary(weights.names.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
        let around = base.first ?? module
        let isStored = names.keys.contains { $0.modules.first == around }
        prefix = isStored == !base.isEmpty || around.isEmpty ? .same : isStored ? .added(around) : .leftOut(around)
    }

    func stored(_ tensor: ExpectedTensor) -> StoredParameter? {
        let stored = tensor.stored(isTensorFlow: isTensorFlow)
        let modules = storedModules(tensor.module.names)
        let places = stored.allNames.lazy.map { StoredName(modules: modules, dotted: $0) }
        guard let name = places.compactMap({ names[$0] }).first, let found = tensors[name] else { return nil }
        return StoredParameter(name: name, type: found.type, shape: found.shape, stored: stored)
    }

    private func storedModules(_ modules: [String]) -> [String] {
        switch prefix {
        case .same: modules
        case .leftOut(let module): modules.first == module ? Array(modules.dropFirst()) : modules
        case .added(let module): [module] + modules
        }
    }
}
