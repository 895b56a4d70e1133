// Runs one side of a comparison and keeps the values that are compared.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors

/// Values of one model under several sets of inputs, one tensor for each set.
typealias RecordedValues = [ValueID: [Tensor]]

/// What a model is run on: one tensor for each input.
public typealias InputSet = [ValueID: Tensor]

extension Side {
    /// Runs the model on each set of inputs and keeps `wanted`.
    ///
    /// - Throws: as a run does.
    func values<Scalar: FastScalar>(
        _ wanted: [ValueID], _ sets: [InputSet], parameters: PreparedParameters<Scalar>, threads: ThreadPool
    ) throws(AssayError) -> RecordedValues {
        var recorded: RecordedValues = [:]
        for inputs in sets {
            let plan = try Plan(graph, feeds: inputs.mapValues(\.shape), wanted: wanted)
            let executor = try FastExecutor(plan, parameters: parameters, threads: threads)
            for (value, tensor) in try executor.values(inputs) { recorded[value, default: []].append(tensor) }
        }
        return recorded
    }

    /// The values that are compared: the recorded outputs of all units, and the model's own.
    var comparedValues: [ValueID] {
        var seen: Set<ValueID> = []
        return (units.flatMap(recordedOutputs) + graph.outputs.map(\.value)).filter { seen.insert($0).inserted }
    }
}

extension Difference {
    /// Compares recorded values over all sets of inputs; nil where shapes do not correspond.
    ///
    /// Axes of extent 1 do not count: `[n, 1, d]` corresponds to `[n, d]`.
    init?(_ a: [Tensor], _ b: [Tensor]) throws(AssayError) {
        guard a.count == b.count, !a.isEmpty else { return nil }
        var left: [Double] = []
        var right: [Double] = []
        for (mine, theirs) in zip(a, b) {
            guard mine.shape.extents.filter({ $0 != 1 }) == theirs.shape.extents.filter({ $0 != 1 }) else {
                return nil
            }
            left += try mine.doubles()
            right += try theirs.doubles()
        }
        self.init(left, right)
    }
}
