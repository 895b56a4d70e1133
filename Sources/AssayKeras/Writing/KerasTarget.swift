// What a Keras file that is written can be.

/// A kind of Keras file. The generation of Keras stays that of the model's configuration, which is written as it was read.
public enum KerasTarget: String, Sendable, Hashable, CaseIterable {
    /// A whole model in HDF5.
    case wholeHDF5 = "keras-h5"
    /// An archive of configuration and weights.
    case archive = "keras-archive"
    /// Weights alone, by object, in HDF5.
    case objectWeights = "keras-weights-h5"
    /// Weights alone, by layer and name, in HDF5.
    case legacyWeights = "keras-weights-legacy-h5"
    /// The architecture alone.
    case architecture = "keras-json"

    /// Whether weights stand by object, as in archives, and not by layer and name.
    var isByObject: Bool { self == .archive || self == .objectWeights }

    /// The group of an HDF5 file that holds the layers, with a slash behind where there is one.
    var weightPrefix: String { self == .wholeHDF5 ? "model_weights/" : "" }
}

extension KerasDialect {
    /// The kind of file that a dialect is, whatever the generation.
    public var target: KerasTarget {
        switch self {
        case .keras1HDF5, .keras2HDF5, .keras3HDF5: .wholeHDF5
        case .keras2Archive, .keras3Archive: .archive
        case .objectWeights, .shardedWeights: .objectWeights
        case .legacyWeights: .legacyWeights
        case .json: .architecture
        }
    }
}
