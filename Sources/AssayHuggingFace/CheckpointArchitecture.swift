// Which architecture a checkpoint is of, by its configuration, and which of its tensors the architecture asks for.

import AssayArchitectures
import AssayTensors
import OrderedCollections

/// The architecture of a checkpoint, with the head that its class has.
struct CheckpointArchitecture {
    /// What is known of the architecture.
    let specification: Specification
    /// How its models are built.
    let blueprint: Blueprint
    /// The end of the class name.
    let headName: String
    /// What its class adds.
    let head: Blueprint.Head
    private let configuration: HuggingFaceConfiguration

    /// The architecture that a configuration is about.
    ///
    /// - Throws: `AssayError.notRunnable` when it, or its head, is not known.
    init(_ configuration: HuggingFaceConfiguration) throws(AssayError) {
        self.configuration = configuration
        specification = try CheckpointArchitecture.specification(of: configuration)
        let architecture = configuration.architecture
        guard let blueprint = specification.blueprint,
            let name = architecture.map({ blueprint.head(of: $0) }) ?? Blueprint.baseHead,
            let head = blueprint.heads[name]
        else {
            throw AssayError(
                .notRunnable, "no graph is built for \(architecture ?? "this model")",
                expected: "one of \(specification.blueprint?.classNames.joined(separator: ", ") ?? "")")
        }
        self.blueprint = blueprint
        self.head = head
        headName = name
    }

    /// The model's dimensions and settings.
    var values: ArchitectureValues { specification.values(configuration: configuration.json, head: headName) }

    /// The class of the model in PyTorch.
    var className: String { configuration.architecture ?? (blueprint.classPrefixes.first ?? "") + headName }

    /// What TensorFlow calls its variables.
    var tensorFlowNaming: TensorFlowNaming {
        TensorFlowNaming(blueprint, className: className, isBaseModel: headName == Blueprint.baseHead)
    }

    /// The tensors of a checkpoint by what the architecture asks for.
    private func store(_ tensors: OrderedDictionary<String, Tensor>, _ naming: CheckpointNaming) -> CheckpointStore {
        let sketch = CheckpointSketch(tensors.mapValues(\.shape), naming: naming)
        return CheckpointStore(tensors, sketch.adapted(to: blueprint, head: headName))
    }

    /// The tensors that the architecture asks for, with those that are stored for them.
    ///
    /// - Throws: `AssayError.unreadable` when one is missing.
    func found(
        in origin: CheckpointOrigin
    ) throws(AssayError) -> [(tensor: ExpectedTensor, stored: StoredParameter)] {
        let store = store(origin.weights.content.tensors, origin.dialect.naming)
        var found: [(ExpectedTensor, StoredParameter)] = []
        for tensor in try ExpectedTensors.list(blueprint, head: headName, values: values) {
            if let stored = store.stored(tensor) {
                found.append((tensor, stored))
            } else if !tensor.isOptional {
                throw .unreadable("a tensor is missing", object: tensor.pytorchName)
            }
        }
        return found
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
