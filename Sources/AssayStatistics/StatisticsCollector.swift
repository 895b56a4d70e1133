// Gathers statistics while a model runs: values are looked at where they lie, and nothing is recorded.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Runs a model batch after batch and gathers the statistics of its layers.
public final class StatisticsCollector {
    private let runner: ModelRunner
    private let parameters: PreparedParameters<Float>
    private let threads: ThreadPool
    private let outputs: [LayerOutput]
    /// For each value the layer outputs that it is.
    private let indices: [ValueID: [Int]]
    private var executor: FastExecutor<Float>?
    /// What was gathered so far.
    public private(set) var statistics: ModelStatistics

    /// A collector for the layers of `model`.
    ///
    /// - Throws: `AssayError.notRunnable` for a file that holds weights alone.
    public init(_ model: Model, threads: ThreadPool = ThreadPool()) throws(AssayError) {
        runner = try ModelRunner(model, threads: threads)
        parameters = PreparedParameters(model)
        self.threads = threads
        outputs = runner.recordableLayers
        indices = Dictionary(grouping: outputs.indices) { [outputs] in outputs[$0].value }
        let graph = runner.graph
        statistics = ModelStatistics(
            model: model.name,
            layers: outputs.map { output in
                LayerStatistics(
                    .init(
                        name: graph.spelled(output.name), className: graph[output.layer].className,
                        shape: graph[output.value].fact.shape,
                        activation: ActivationClass(of: output.value, in: graph)))
            })
    }

    /// Runs one batch.
    ///
    /// - Throws: `AssayError.usage` when the inputs do not fit, `AssayError.notRunnable` when an opaque layer is needed.
    public func add(_ inputs: OrderedDictionary<String, Tensor>) throws(AssayError) {
        try add(runner.bind(inputs))
    }

    /// Runs inputs of many rows in batches of at most `batchSize` along the first axis.
    ///
    /// - Throws: as for one batch, and `AssayError.usage` when the inputs have different numbers of rows.
    public func add(
        _ inputs: OrderedDictionary<String, Tensor>, batchSize: Int
    ) throws(AssayError) {
        precondition(batchSize > 0, "at least one row")
        let feeds = try runner.bind(inputs)
        let counts = Set(feeds.values.map { $0.shape.extents.first ?? 1 })
        guard let rows = counts.first, counts.count == 1 else {
            throw .usage("the inputs have different numbers of rows", found: "\(counts.sorted())")
        }
        for start in stride(from: 0, to: rows, by: batchSize) {
            let range = start..<min(start + batchSize, rows)
            var batch: [ValueID: Tensor] = [:]
            for (value, tensor) in feeds { batch[value] = try tensor.rows(range) }
            try add(batch)
        }
    }

    private func add(_ feeds: [ValueID: Tensor]) throws(AssayError) {
        let plan = try runner.plan(feeds, recording: outputs)
        if executor?.plan.shapes != plan.shapes {
            executor = try FastExecutor(plan, parameters: parameters, threads: threads)
        }
        try executor?.run(feeds) { (value, tensor) throws(AssayError) in
            for index in indices[value] ?? [] { statistics.layers[index].add(tensor) }
        }
        statistics.batches += 1
    }
}

extension Tensor {
    /// Some rows along the first axis, sharing the bytes; a scalar has none to choose from.
    fileprivate func rows(_ range: Range<Int>) throws(AssayError) -> Tensor {
        guard let rows = shape.extents.first, rows > 0 else { return self }
        let rowBytes = byteCount / rows
        let part = try bytes().slice(at: range.lowerBound * rowBytes, count: range.count * rowBytes)
        return try Tensor(
            type: type, shape: Shape(checking: [range.count] + shape.extents.dropFirst()), region: part)
    }
}
