// The dialects of Keras, told apart by what a file holds and never by its name.

import AssayContainers
import AssayTensors

/// A way in which Keras stores models.
public enum KerasDialect: String, Sendable, Hashable, CaseIterable {
    /// A whole model in HDF5 by Keras 1.
    case keras1HDF5 = "keras1-h5"
    /// A whole model in HDF5 by Keras 2.
    case keras2HDF5 = "keras2-h5"
    /// A whole model in HDF5 by Keras 3.
    case keras3HDF5 = "keras3-h5"
    /// Weights alone, by layer and name, in HDF5.
    case legacyWeights = "keras-weights-legacy-h5"
    /// An archive of configuration and weights by Keras 2.12 to 2.15.
    case keras2Archive = "keras2-keras"
    /// An archive of configuration and weights by Keras 3.
    case keras3Archive = "keras3-keras"
    /// Weights alone, by object, in HDF5.
    case objectWeights = "keras-weights-h5"
    /// Weights alone, by object, in several HDF5 files with an index in JSON.
    case shardedWeights = "keras-weights-sharded"
    /// The architecture alone, in JSON.
    case json = "keras-json"

    /// Whether such a file says what the model computes.
    public var hasArchitecture: Bool { ![.legacyWeights, .objectWeights, .shardedWeights].contains(self) }
    /// Whether such a file holds weights.
    public var hasWeights: Bool { self != .json }
}
