// Compares two models: proof first, numbers where there is none, and the first layer that really differs.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Compares two models layer by layer, with no tolerance given.
public struct Verifier: Sendable {
    private let threads: ThreadPool
    private let tolerance: OutputTolerance?

    /// A verifier that shares out work over these threads.
    ///
    /// - Parameter tolerance: outputs within it count as equal, for those who want that; nil to measure what is noise.
    public init(threads: ThreadPool = ThreadPool(), tolerance: OutputTolerance? = nil) {
        self.threads = threads
        self.tolerance = tolerance
    }

    /// Says whether two models are the same function, and names the first layer of A that differs.
    ///
    /// - Parameter inputs: inputs to compare on, by A's names; random ones where there are none.
    /// - Throws: `AssayError.usage` when the inputs do not fit A, `AssayError.unreadable` when a model is not sound.
    public func verify(
        _ a: Model, _ b: Model, inputs: OrderedDictionary<String, Tensor> = [:]
    ) throws(AssayError) -> EquivalenceReport {
        for model in [a, b] {
            if let defect = model.defects.first {
                throw defect.error.located(file: model.provenance.path, object: defect.layer)
            }
        }
        guard a.graph != nil, b.graph != nil else { return try WeightVerifier(a: a, b: b).verify() }
        let sideA = try Side(a)
        let sideB = try Side(b)
        guard let ports = PortPairing(sideA.graph, sideB.graph) else {
            return EquivalenceReport(
                verdict: .different, firstLayer: nil,
                summary:
                    "the models have different inputs or outputs: A \(sideA.graph.signature), B \(sideB.graph.signature)",
                layers: [], weights: [])
        }
        var alignment = try Alignment(sideA, sideB, inputs: ports.inputs)
        let isProven = alignment.isProven(ports.outputs)
        guard !isProven, sideA.graph.isRunnable, sideB.graph.isRunnable else {
            var matcher = NoMatcher()
            try alignment.align(&matcher)
            return try StructuralComparison(alignment: alignment, ports: ports).report(isProven: isProven)
        }
        let sets = try inputSets(sideA, sideB, ports, inputs)
        var comparison = try NumericComparison(
            alignment, ports: ports, sets: sets, tolerance: tolerance, threads: threads)
        return try comparison.report().tolerating(tolerance)
    }

    private func inputSets(
        _ a: Side, _ b: Side, _ ports: PortPairing, _ inputs: OrderedDictionary<String, Tensor>
    ) throws(AssayError) -> [InputSet] {
        let runner = try ModelRunner(a.model, threads: threads)
        // Inputs that somebody gives are the domain that matters: two models may well differ on others (a token that is
        // masked, at a position that is not).
        guard inputs.isEmpty else { return [try runner.bind(inputs)] }
        let suitable = (b.graph, ports.inputs.map(\.b))
        let random = try RandomInputs(a.model, alsoFor: suitable)
        let first = try runner.bind(random.inputs(seed: 1))
        if try runner.plan(first).multiplyAdds > Verifier.largeWork {
            // Models of fixed, large inputs take their time: one small set is enough for them.
            return [try runner.bind(RandomInputs(a.model, batch: 1, alsoFor: suitable).inputs(seed: 1))]
        }
        // Large weights take longer to read than to use, and many values are computed from them.
        if a.model.parameterByteCount > Verifier.largeWeights { return [first] }
        return [first, try runner.bind(random.inputs(seed: 2))]
    }

    /// From so many multiply-adds on, a model runs on one set of random inputs, of one example.
    private static let largeWork = 4_000_000_000
    /// From so many bytes of weights on, a model runs once.
    private static let largeWeights = 1 << 26
}

extension Model {
    /// The bytes of all parameters as they are stored.
    fileprivate var parameterByteCount: Int { parameters.reduce(0) { $0 + $1.shape.count * $1.type.byteCount } }
}

/// Which input and output of B is which of A.
struct PortPairing: Sendable {
    let inputs: [(a: ValueID, b: ValueID)]
    let outputs: [(name: String, a: ValueID, b: ValueID)]

    /// Pairs by name where the names are the same, else by order; nil where the numbers differ or shapes cannot be the same.
    init?(_ a: Graph, _ b: Graph) {
        guard let inputs = PortPairing.pair(a, a.inputs, b, b.inputs),
            let outputs = PortPairing.pair(a, a.outputs, b, b.outputs)
        else { return nil }
        // In A's order, so that an index says which input it is.
        self.inputs = inputs.map { ($0.a, $0.b) }
        self.outputs = outputs
    }

    private static func pair(
        _ a: Graph, _ mine: [Port], _ b: Graph, _ theirs: [Port]
    ) -> [(name: String, a: ValueID, b: ValueID)]? {
        guard mine.count == theirs.count else { return nil }
        let byName = Set(mine.map(\.name)) == Set(theirs.map(\.name)) && Set(mine.map(\.name)).count == mine.count
        var pairs: [(name: String, a: ValueID, b: ValueID)] = []
        for (index, port) in mine.enumerated() {
            let other = byName ? theirs.first { $0.name == port.name } ?? theirs[index] : theirs[index]
            guard a[port.value].fact.admits(b[other.value].fact.shape) else { return nil }
            pairs.append((port.name, port.value, other.value))
        }
        return pairs
    }
}

extension Alignment {
    /// Whether each output of A is provably the same function as B's.
    func isProven(_ outputs: [(name: String, a: ValueID, b: ValueID)]) -> Bool {
        isProven(outputs.map { ($0.a, $0.b) })
    }
}

extension Graph {
    /// The inputs and outputs in words.
    fileprivate var signature: String {
        func text(_ ports: [Port]) -> String {
            ports.map { "\($0.name) \(self[$0.value].fact.shape?.text ?? "[…]")" }.joined(separator: ", ")
        }
        return "\(text(inputs)) → \(text(outputs))"
    }

    /// Whether no opaque operator stands before an output.
    var isRunnable: Bool {
        let runnable = runnableValues
        return outputs.allSatisfy { runnable[$0.value.index] }
    }
}
