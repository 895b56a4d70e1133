// A checkpoint of a known architecture as a model with a graph.

import AssayArchitectures
import AssayGraph
import AssayTensors
import OrderedCollections

/// What the specification of its architecture makes of a checkpoint.
struct CheckpointModel {
    /// What it computes.
    let graph: Graph
    /// The parameters that the graph uses.
    let parameters: [Parameter]

    /// Builds the graph of a checkpoint.
    ///
    /// - Throws: `AssayError.notRunnable` when the architecture, its head or one of its options is not known;
    ///   `AssayError.unreadable` when tensors and configuration do not fit each other.
    init(
        _ configuration: HuggingFaceConfiguration, _ weights: HuggingFaceWeights, isTensorFlow: Bool
    ) throws(AssayError) {
        let architecture = try CheckpointArchitecture(configuration)
        let store = architecture.store(weights, isTensorFlow: isTensorFlow)
        (graph, parameters) = try architecture.specification.graph(
            head: architecture.headName, values: architecture.values, store: store)
    }
}
