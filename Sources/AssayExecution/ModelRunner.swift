// Runs a model by names: inputs in, outputs and layer outputs out.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// In which arithmetic a model runs.
public enum Precision: String, Sendable, Hashable, CaseIterable {
    /// The fast path in binary32.
    case float
    /// The fast path in binary64.
    case double
    /// The operators' definitions in binary64.
    case reference
}

extension Model {
    /// The precision that the model was made for: binary64 where a weight is stored or an output declared in it, else
    /// binary32. Half precision is a way to store: its values are computed in binary32.
    public var precision: Precision {
        let isDouble =
            parameters.contains { $0.type == .f64 }
            || graph.map { graph in graph.outputs.contains { graph[$0.value].fact.type == .f64 } } ?? false
        return isDouble ? .double : .float
    }
}

/// What a run gave.
public struct RunResult: Sendable {
    /// The model's outputs by name.
    public var outputs: OrderedDictionary<String, Tensor> = [:]
    /// The recorded layer outputs by `LayerOutput.name`.
    public var layers: OrderedDictionary<String, Tensor> = [:]

    /// The entries of an NPZ file: `out/NAME` and `layer/PATH`.
    public var entries: OrderedDictionary<String, Tensor> {
        var entries: OrderedDictionary<String, Tensor> = [:]
        for (name, tensor) in outputs { entries["out/\(name)"] = tensor }
        for (name, tensor) in layers { entries["layer/\(name)"] = tensor }
        return entries
    }
}

/// Runs a model by the names of its inputs, outputs and layers. It keeps the stored values of each precision that it has run
/// in, and the last plan, so that batches of one shape are planned once.
public final class ModelRunner {
    /// The model.
    public let model: Model
    /// Its graph.
    public let graph: Graph
    private let threads: ThreadPool
    private let runsOnce: Bool
    private lazy var floats: PreparedParameters<Float> = parameters()
    private lazy var doubles: PreparedParameters<Double> = parameters()
    private var planned: (request: Request, plan: Plan)?
    private var floatExecutor: FastExecutor<Float>?
    private var doubleExecutor: FastExecutor<Double>?

    /// A runner for `model`.
    ///
    /// - Parameter runsOnce: whether there is one run and no other: weights are used as they are stored and let go one by one,
    ///   and nothing is made ready for the next time.
    /// - Throws: `AssayError.notRunnable` for a file that holds weights alone, or does not fit together.
    public init(
        _ model: Model, threads: ThreadPool = ThreadPool(), runsOnce: Bool = false
    ) throws(AssayError) {
        if let defect = model.defects.first {
            throw AssayError(
                .notRunnable, "the model is not sound: \(defect.error.message)", expected: defect.error.expected,
                found: defect.error.found,
                at: .init(file: model.provenance.path, object: defect.layer.isEmpty ? nil : defect.layer),
                hint: "assay validate shows all that is wrong")
        }
        self.model = model
        graph = try model.requireGraph()
        self.threads = threads
        self.runsOnce = runsOnce
    }

    private func parameters<Scalar: FastScalar>() -> PreparedParameters<Scalar> {
        runsOnce
            ? PreparedParameters(model, cacheLimit: ModelRunner.cacheLimitOfOneRun, releasesPages: true)
            : PreparedParameters(model)
    }

    /// How many bytes of converted weights one run keeps, for those that several of its steps use.
    private static let cacheLimitOfOneRun = 1 << 26

    /// Which of the given tensors is which input: by name (`in/` may stand before it), by index, or in order where the names
    /// say nothing and shapes fit.
    ///
    /// - Throws: `AssayError.usage` that lists what the model wants.
    public func bind(_ inputs: OrderedDictionary<String, Tensor>) throws(AssayError) -> [ValueID: Tensor] {
        try InputBinding.bind(inputs, to: graph)
    }

    /// The recorded layer outputs that can be computed, in the order of the layers.
    public var recordableLayers: [LayerOutput] {
        let runnable = graph.runnableValues
        return graph.layerOutputs.filter { runnable[$0.value.index] }
    }

    /// What a plan is made for.
    private struct Request: Equatable {
        let shapes: [ValueID: Shape]
        let wanted: [ValueID]
    }

    /// The plan for inputs of these shapes.
    ///
    /// - Throws: as `Plan.init`.
    public func plan(
        _ feeds: [ValueID: Tensor], recording layers: [LayerOutput] = []
    ) throws(AssayError) -> Plan {
        let request = Request(
            shapes: feeds.mapValues(\.shape), wanted: layers.map(\.value) + graph.outputs.map(\.value))
        if let planned, planned.request == request { return planned.plan }
        do throws(AssayError) {
            let plan = try Plan(graph, feeds: request.shapes, wanted: request.wanted)
            planned = (request, plan)
            return plan
        } catch {
            // Shapes that the graph accepts as symbols and not as these numbers are the inputs' fault, not the file's.
            guard error.code == .unreadable else { throw error.located(file: model.provenance.path) }
            throw AssayError(
                .usage, "inputs of these shapes do not fit: \(error.message)", expected: error.expected,
                found: error.found, at: error.location, hint: error.hint)
        }
    }

    /// Runs the model.
    ///
    /// - Parameters:
    ///   - inputs: by the rules of `bind`.
    ///   - precision: in which arithmetic; nil for the model's own.
    ///   - recordsLayers: whether the outputs of all layers are recorded too.
    /// - Throws: `AssayError.usage` when inputs do not fit, `AssayError.notRunnable` when an opaque layer is needed.
    public func run(
        _ inputs: OrderedDictionary<String, Tensor>, precision: Precision? = nil, recordsLayers: Bool = false
    ) throws(AssayError) -> RunResult {
        let feeds = try bind(inputs)
        let layers = recordsLayers ? recordableLayers : []
        let plan = try plan(feeds, recording: layers)
        let values: OrderedDictionary<ValueID, Tensor>
        switch precision ?? model.precision {
        case .float:
            floatExecutor = try executor(for: plan, floatExecutor, floats)
            values = try floatExecutor?.values(feeds) ?? [:]
        case .double:
            doubleExecutor = try executor(for: plan, doubleExecutor, doubles)
            values = try doubleExecutor?.values(feeds) ?? [:]
        case .reference:
            var tensors: OrderedDictionary<ValueID, Tensor> = [:]
            try ReferenceExecutor(plan, model: model).run(feeds) { (value, tensor) throws(AssayError) in
                tensors[value] = try Tensor(copying: tensor)
            }
            values = tensors
        }
        return try result(values, layers)
    }

    /// The last executor where it fits the plan, else a new one.
    private func executor<Scalar: FastScalar>(
        for plan: Plan, _ last: FastExecutor<Scalar>?, _ parameters: PreparedParameters<Scalar>
    ) throws(AssayError) -> FastExecutor<Scalar> {
        if let last, last.plan.wanted == plan.wanted, last.plan.shapes == plan.shapes { return last }
        return try FastExecutor(plan, parameters: parameters, threads: threads)
    }

    private func result(
        _ values: OrderedDictionary<ValueID, Tensor>, _ layers: [LayerOutput]
    ) throws(AssayError) -> RunResult {
        var result = RunResult()
        for port in graph.outputs {
            guard let tensor = values[port.value] else { continue }
            result.outputs[port.name] = try declared(tensor, port.value)
        }
        for layer in layers {
            guard let tensor = values[layer.value] else { continue }
            result.layers[layer.name] = try declared(tensor, layer.value)
        }
        return result
    }

    /// The tensor in the type that the graph declares, where that is an integer; reals stay in the precision of the run.
    private func declared(_ tensor: Tensor, _ value: ValueID) throws(AssayError) -> Tensor {
        let type = graph[value].fact.type
        return type.isInteger ? try tensor.converted(to: type) : tensor
    }
}
