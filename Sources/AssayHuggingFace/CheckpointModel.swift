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
        let specification = try CheckpointModel.specification(of: configuration)
        let architecture = configuration.architecture
        guard let blueprint = specification.blueprint,
            let head = architecture.map({ blueprint.head(of: $0) }) ?? Blueprint.baseHead
        else {
            throw AssayError(
                .notRunnable, "no graph is built for \(architecture ?? "this model")",
                expected: "one of \(specification.blueprint?.classNames.joined(separator: ", ") ?? "")")
        }
        let values = specification.values(configuration: configuration.json, head: head)
        let store = CheckpointStore(weights, isTensorFlow: isTensorFlow)
        (graph, parameters) = try specification.graph(head: head, values: values, store: store)
    }

    private static func specification(
        of configuration: HuggingFaceConfiguration
    ) throws(AssayError) -> Specification {
        let library = try SpecificationLibrary.builtIn()
        guard let type = configuration.modelType, let known = library.specification(modelType: type) else {
            throw AssayError(
                .notRunnable,
                "no graph is built for the architecture '\(configuration.modelType ?? "unknown")' of Hugging Face: it can be "
                    + "inspected, converted and compared by its weights, not run")
        }
        return known
    }
}
