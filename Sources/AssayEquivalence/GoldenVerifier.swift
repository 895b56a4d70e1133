// Compares a model with values that a framework recorded: what the file computes here, against what it computed there.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Compares a model with recorded values, layer by layer.
///
/// The framework ran in Float, so its values may be as far from the Double ones as Float rounding makes them. How far that is,
/// is measured on the model itself: by its own Float run, and by re-rounded weights.
public struct GoldenVerifier: Sendable {
    private let threads: ThreadPool
    private let tolerance: OutputTolerance?

    /// A verifier that shares out work over these threads.
    ///
    /// - Parameter tolerance: outputs within it count as equal, for those who want that; nil to measure what is noise.
    public init(threads: ThreadPool = ThreadPool(), tolerance: OutputTolerance? = nil) {
        self.threads = threads
        self.tolerance = tolerance
    }

    /// Says whether a model computes what was recorded, and names the first layer that does not.
    ///
    /// - Parameter golden: entries `in/NAME`, `out/NAME`, `layer/PATH`.
    /// - Throws: `AssayError.usage` when the inputs do not fit, `AssayError.notRunnable` for opaque layers.
    public func verify(
        _ model: Model, golden: OrderedDictionary<String, Tensor>
    ) throws(AssayError) -> EquivalenceReport {
        let side = try Side(model)
        let runner = try ModelRunner(model, threads: threads)
        let inputs = golden.filter { $0.key.hasPrefix("in/") }
        let sets = [try runner.bind(inputs.isEmpty ? golden : inputs)]
        let recorded = try recordedValues(side, golden)
        guard !recorded.isEmpty else {
            throw .usage("the file records no output or layer of this model", expected: "entries out/NAME, layer/PATH")
        }
        let comparison = try GoldenComparison(side, recorded: recorded, sets: sets, threads: threads)
        return try comparison.report(names: Set(recorded.keys.map(\.name)), golden: golden, tolerance)
            .tolerating(tolerance)
    }

    /// The recorded tensor for each value of the graph that has one.
    private func recordedValues(
        _ side: Side, _ golden: OrderedDictionary<String, Tensor>
    ) throws(AssayError) -> OrderedDictionary<RecordedName, Tensor> {
        var recorded: OrderedDictionary<RecordedName, Tensor> = [:]
        let runnable = side.graph.runnableValues
        for output in side.graph.layerOutputs where runnable[output.value.index] {
            if let tensor = golden["layer/\(output.name)"] {
                recorded[RecordedName(name: "layer/\(output.name)", value: output.value)] = tensor
            }
        }
        let outputs = golden.recordedOutputs
        for (port, name) in zip(side.graph.outputs, OutputBinding.names(outputs.mapValues(\.shape), for: side.graph)) {
            guard let name, let tensor = outputs[name] else { continue }
            recorded[RecordedName(name: "out/\(name)", value: port.value)] = tensor
        }
        return recorded
    }
}

/// A recorded entry and the value of the graph that it is.
struct RecordedName: Hashable {
    let name: String
    let value: ValueID
}

/// One model beside recorded values.
private struct GoldenComparison {
    let side: Side
    let recorded: [ValueID: Tensor]
    let sets: [InputSet]
    let threads: ThreadPool
    let doubles: RecordedValues
    let floats: RecordedValues
    let floor: NoiseFloor

    init(
        _ side: Side, recorded: OrderedDictionary<RecordedName, Tensor>, sets: [InputSet], threads: ThreadPool
    ) throws(AssayError) {
        self.side = side
        self.sets = sets
        self.threads = threads
        self.recorded = Dictionary(recorded.map { ($0.key.value, $0.value) }) { first, _ in first }
        let runnable = side.graph.runnableValues
        var seen: Set<ValueID> = []
        let wanted = (side.comparedValues + side.units.flatMap(\.inputs) + Array(self.recorded.keys).sorted())
            .filter { runnable[$0.index] && seen.insert($0).inserted }
        doubles = try side.values(
            wanted, sets, parameters: PreparedParameters<Double>(side.model), threads: threads)
        floats = try side.values(wanted, sets, parameters: PreparedParameters<Float>(side.model), threads: threads)
        floor = try LockStep.floor(of: side, at: wanted, on: sets[0], threads: threads)
    }

    func report(
        names: Set<String>, golden: OrderedDictionary<String, Tensor>, _ given: OutputTolerance?
    ) throws(AssayError) -> EquivalenceReport {
        var layers: [LayerComparison] = []
        for unit in side.units {
            guard let value = side.recordedOutputs(unit).first(where: { recorded[$0] != nil }),
                let tensor = recorded[value]
            else { continue }
            layers.append(try compare(unit, value, tensor))
        }
        var outputs: [(name: String, difference: Difference)] = []
        var outputsAgree = true
        for port in side.graph.outputs {
            guard let tensor = recorded[port.value], let mine = doubles[port.value],
                let difference = try Difference(mine, [tensor], tolerance: given)
            else { continue }
            outputs.append((port.name, difference))
            if try difference.distance > tolerance(port.value) { outputsAgree = false }
        }
        let first = layers.first { $0.isDifferent }
        let agrees = first == nil && outputsAgree
        let unused = golden.keys.filter { !$0.hasPrefix("in/") && $0.contains("/") && !names.contains($0) }
        return EquivalenceReport(
            verdict: agrees ? .equivalent : .different, firstLayer: first?.path,
            summary: agrees
                ? "all \(layers.count) recorded layers are what the model computes, to within Float rounding"
                : "\(first?.path ?? "an output") is the first that is farther from the record than Float rounding explains",
            layers: layers, weights: [], unmatched: Array(unused), outputs: outputs)
    }

    private func compare(_ unit: LayerUnit, _ value: ValueID, _ tensor: Tensor) throws(AssayError) -> LayerComparison {
        var comparison = LayerComparison(
            path: side.graph.spelled(unit.name), className: side.graph[unit.layer].className,
            counterpart: side.graph.spelled(unit.name), matching: .path)
        guard let mine = doubles[value], let difference = try Difference(mine, [tensor]) else {
            comparison.isDifferent = true
            comparison.reasons = [
                "shape \(doubles[value]?.first?.shape.description ?? "?") for the recorded \(tensor.shape)"
            ]
            return comparison
        }
        comparison.propagation = difference
        comparison.isolation = try isolated(unit, value, tensor)
        comparison.noiseFloor = floor.reRounding[value]
        // What reaches a layer may be off already; the layer itself is judged on what was recorded before it.
        let distance = min(difference.distance, comparison.isolation?.distance ?? .infinity)
        comparison.isDifferent = distance > (try tolerance(value))
        if let float = floats[value] {
            comparison.unitsInLastPlace = UnitsInLastPlace(try flat(float), try tensor.floats())
            if let rounding = try Difference(mine, float), difference.rootMeanSquare > 0 {
                comparison.explainedByRounding = min(1, rounding.rootMeanSquare / difference.rootMeanSquare)
            }
        }
        return comparison
    }

    /// The unit in Double on recorded inputs, against its recorded output; nil where an input was not recorded.
    private func isolated(_ unit: LayerUnit, _ value: ValueID, _ tensor: Tensor) throws(AssayError) -> Difference? {
        var inputs: InputSet = [:]
        for input in unit.inputs {
            // Masks and the like are never recorded, and exact.
            let isReal = side.graph[input].fact.type.isFloatingPoint && side.graph[input].producer != nil
            guard let entry = recorded[input] ?? (isReal ? nil : doubles[input]?.first) else { return nil }
            inputs[input] = entry
        }
        let result = try side.values(
            [value], [inputs], parameters: PreparedParameters<Double>(side.model), threads: threads)
        guard let mine = result[value] else { return nil }
        return try Difference(mine, [tensor])
    }

    /// The largest distance at a value that the rounding of a Float execution explains.
    private func tolerance(_ value: ValueID) throws(AssayError) -> Double {
        var measured = max(floor.reRounding[value] ?? 0, Double(Float.ulpOfOne))
        if let float = floats[value], let double = doubles[value],
            let difference = try Difference(double, float)
        {
            measured = max(measured, difference.distance)
        }
        return NoiseFloor.allowance(measured)
    }

    private func flat(_ tensors: [Tensor]) throws(AssayError) -> [Float] {
        var values: [Float] = []
        for tensor in tensors { values += try tensor.floats() }
        return values
    }
}

/// Values of one model, one tensor for each set of inputs.
private typealias RecordedValues = [ValueID: [Tensor]]

extension Side {
    /// Runs the model on each set of inputs and keeps `wanted`.
    ///
    /// - Throws: as a run does.
    fileprivate func values<Scalar: FastScalar>(
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
}

extension Difference {
    /// Compares recorded values over all sets of inputs; nil where shapes do not correspond.
    ///
    /// Axes of extent 1 do not count: `[n, 1, d]` corresponds to `[n, d]`.
    fileprivate init?(_ a: [Tensor], _ b: [Tensor], tolerance: OutputTolerance? = nil) throws(AssayError) {
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
        self.init(DifferenceSums(left, right, tolerance: tolerance))
    }
}
