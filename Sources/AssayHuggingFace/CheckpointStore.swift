// The tensors of a checkpoint by what their names mean, for the assembly of its graph.

import AssayArchitectures
import AssayTensors
import OrderedCollections

/// Finds the stored tensor of each parameter that an architecture asks for.
struct CheckpointStore: ParameterStore {
    private let tensors: OrderedDictionary<String, Tensor>
    private let sketch: CheckpointSketch

    /// Tensors, with the meaning of their names.
    init(_ tensors: OrderedDictionary<String, Tensor>, _ sketch: CheckpointSketch) {
        self.tensors = tensors
        self.sketch = sketch
    }

    func stored(_ tensor: ExpectedTensor) -> StoredParameter? {
        guard let entry = sketch.entry(for: tensor), let found = tensors[entry.name] else { return nil }
        return StoredParameter(
            name: entry.name, type: found.type, shape: found.shape,
            stored: tensor.stored(isTensorFlow: sketch.naming.isTensorFlow))
    }
}
