// The statistics of all layers of a model.

import AssayGraph
import AssayTensors

/// What the layers of a model gave, over any number of batches.
public struct ModelStatistics: Sendable, Hashable {
    /// The model's name.
    public let model: String
    /// How many batches were run.
    public internal(set) var batches = 0
    /// The layers' outputs in the order of the model.
    public internal(set) var layers: [LayerStatistics]

    /// Nothing seen yet.
    public init(model: String, layers: [LayerStatistics]) {
        self.model = model
        self.layers = layers
    }

    /// Adds the statistics of other batches through the same model: the result is that of all batches together, bit for
    /// bit.
    ///
    /// - Throws: `AssayError.usage` when the layers are not the same.
    public mutating func add(_ other: ModelStatistics) throws(AssayError) {
        let differing = zip(layers, other.layers).first { $0.subject != $1.subject }
        if let (mine, theirs) = differing {
            throw .usage(
                "statistics of different models cannot be merged", expected: "the layer \(mine.subject.name)",
                found: theirs.subject.name)
        }
        guard layers.count == other.layers.count else {
            throw .usage(
                "statistics of different models cannot be merged", expected: "\(layers.count) layers",
                found: "\(other.layers.count)")
        }
        guard batches <= QuantileSketch.countLimit - other.batches else {
            throw .usage("the merged statistics would count too many batches")
        }
        for index in layers.indices { try layers[index].add(other.layers[index]) }
        batches += other.batches
    }
}
