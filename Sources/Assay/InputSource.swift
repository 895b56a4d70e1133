// Where a model's inputs come from.

import AssayContainers
@_exported import AssayExecution
import OrderedCollections

/// Inputs of a model.
public enum InputSource: Sendable {
    /// The entries `in/NAME` (or bare `NAME`) of an NPZ file.
    case file(String)
    /// Made up by a seed, as many samples as the batch says.
    case random(seed: UInt64, batch: Int = 2)
    /// Given.
    case tensors(OrderedDictionary<String, Tensor>)

    /// The inputs by name.
    ///
    /// - Throws: `AssayError.unreadable` for a damaged file, `AssayError.usage` for inputs that cannot be made up.
    public func tensors(for model: Model) throws(AssayError) -> OrderedDictionary<String, Tensor> {
        switch self {
        case .file(let path):
            return try NPZFile.open(path) { !$0.hasPrefix("out/") && !$0.hasPrefix("layer/") }.tensors
        case .random(let seed, let batch): return try RandomInputs(model, batch: batch).inputs(seed: seed)
        case .tensors(let tensors): return tensors
        }
    }

    /// The shapes of the outputs that are recorded beside the inputs, by name.
    func recordedOutputs() throws(AssayError) -> OrderedDictionary<String, Shape> {
        guard case .file(let path) = self else { return [:] }
        return try NPZFile.open(path) { $0.hasPrefix("out/") }.tensors.recordedOutputs.mapValues(\.shape)
    }
}

extension Model {
    /// Runs the model.
    ///
    /// - Parameters:
    ///   - inputs: where the inputs come from.
    ///   - precision: in which arithmetic; nil for the model's own, binary64 for float64 models and binary32 for all others.
    ///   - recordsLayers: whether the outputs of all layers are recorded too.
    /// - Throws: `AssayError.usage` when the inputs do not fit, `AssayError.notRunnable` when there is no graph or an opaque
    ///   layer is needed.
    public func run(
        _ inputs: InputSource, precision: Precision? = nil, recordsLayers: Bool = false,
        threads: ThreadPool = ThreadPool()
    ) throws(AssayError) -> RunResult {
        let runner = try ModelRunner(self, threads: threads, runsOnce: true)
        let result = try runner.run(inputs.tensors(for: self), precision: precision, recordsLayers: recordsLayers)
        return try result.named(as: inputs.recordedOutputs(), in: runner.graph)
    }
}

extension RunResult {
    /// The same with outputs named as they are recorded, so that the two can be held beside each other.
    fileprivate func named(as recorded: OrderedDictionary<String, Shape>, in graph: Graph) -> RunResult {
        let names = Dictionary(
            zip(graph.outputs.map(\.name), OutputBinding.names(recorded, for: graph))
        ) { first, _ in first }
        var result = self
        result.outputs = [:]
        for (name, tensor) in outputs { result.outputs[(names[name] ?? nil) ?? name] = tensor }
        return result
    }

    /// Writes outputs and layers as an NPZ file: `out/NAME`, `layer/PATH`.
    ///
    /// - Throws: `AssayError.writeFailed`; nothing is left behind.
    public func write(to path: String) throws(AssayError) { try NPZFile.write(entries, to: path) }
}
