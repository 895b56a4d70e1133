// The comparison of models that can be run: both in Double, judged against the measured noise floor; then in Float, for the
// quality of each execution.

import AssayExecution
import AssayGraph
import AssayTensors

/// Compares two models in numbers.
struct NumericComparison {
    private let alignment: Alignment
    private let ports: PortPairing
    private let sets: [InputSet]
    private let threads: ThreadPool
    /// The weights of every unit beside each other.
    private let evidence: [Evidence]
    private var lockStep: LockStep

    /// Aligns what structure alone did not, and runs both models on A's inputs.
    init(
        _ classified: Alignment, ports: PortPairing, sets: [InputSet], tolerance: OutputTolerance?, threads: ThreadPool
    ) throws(AssayError) {
        var alignment = classified
        var matcher = NumericMatcher(ports: ports, sets: sets, threads: threads)
        try alignment.align(&matcher)
        self.alignment = alignment
        self.ports = ports
        self.sets = sets
        self.threads = threads
        evidence = try NumericComparison.weights(alignment)
        let suspects = zip(alignment.units, evidence).filter { alignment.isSuspect($0, $1.weights) }.map(\.0.a)
        lockStep = try LockStep(
            alignment, ports: ports, sets: sets, suspects: Set(suspects), tolerance: tolerance, threads: threads)
    }

    /// The report.
    mutating func report() throws(AssayError) -> EquivalenceReport {
        let (judgement, trials) = try examine()
        var layers: [LayerComparison] = []
        for (unit, var evidence) in zip(alignment.units, evidence) {
            var comparison = LayerComparison(unit, alignment)
            evidence.isolation = lockStep.isolation.difference(unit)
            evidence.trial = trials[unit.a]
            comparison.isolation = evidence.isolation
            comparison.reasons = evidence.weights.compactMap { $0.comparison.reason } + attributeReasons(unit)
            comparison.isDifferent = try judgement.isDifferent(unit, evidence)
            if comparison.isDifferent { try nameKind(of: unit, evidence, in: &comparison) }
            if let pair = unit.values.first { add(pair, to: &comparison) }
            layers.append(comparison)
        }
        return summarise(layers, evidence.flatMap { $0.weights.map(\.comparison) })
    }

    /// The weights of every unit beside each other.
    private static func weights(_ alignment: Alignment) throws(AssayError) -> [Evidence] {
        var pairing = try WeightPairing(alignment)
        var evidence: [Evidence] = []
        for unit in alignment.units {
            var own = Evidence()
            own.weights = try pairing.pairs(alignment.a.units[unit.a], unit.b.map { alignment.b.units[$0] })
            evidence.append(own)
        }
        return evidence
    }

    /// Runs the suspects alone: on A's values, where the lock step did not, and on random ones.
    private mutating func examine() throws(AssayError) -> (judgement: Judgement, trials: [Int: Isolation.Trial]) {
        let apart = zip(alignment.units, evidence).filter { unit, own in
            lockStep.areApart(unit) && !alignment.isSuspect(unit, own.weights)
        }
        try lockStep.isolate(apart.map(\.0), sets)
        let judgement = Judgement(alignment: alignment, lockStep: lockStep, sets: sets, threads: threads)
        var trials: [Int: Isolation.Trial] = [:]
        for (unit, var own) in zip(alignment.units, evidence) where judgement.isSuspect(unit, own.weights) {
            own.isolation = lockStep.isolation.difference(unit)
            if judgement.needsTrial(unit, own) { trials[unit.a] = try lockStep.isolation.trial(unit, seed: 3) }
        }
        return (judgement, trials)
    }

    /// Names the kind of difference where it is recognised.
    private func nameKind(
        of unit: AlignedUnit, _ evidence: Evidence, in comparison: inout LayerComparison
    ) throws(AssayError) {
        let suspect = try Suspect(
            alignment, unit, evidence.weights, counterpart: lockStep.isolation.nodesOfCounterpart(unit))
        guard let kind = DifferenceKinds.recognise(suspect) else { return }
        comparison.kind = kind.name
        comparison.detail = kind.detail
    }

    private func add(_ pair: ValuePair, to comparison: inout LayerComparison) {
        comparison.propagation = lockStep.propagation[pair.a]
        comparison.noiseFloor = lockStep.floor.reRounding[pair.a]
        comparison.unitsInLastPlace = lockStep.floats[pair.a]?.units
        comparison.explainedByRounding = lockStep.explainedByRounding(at: pair.a)
    }

    private func summarise(_ layers: [LayerComparison], _ weights: [WeightComparison]) -> EquivalenceReport {
        var first = layers.first { $0.isDifferent }?.path
        let outputs = ports.outputs.map { ($0.name, $0.a, lockStep.propagation[$0.a]) }
        let outputsAgree = outputs.allSatisfy { ($0.2?.distance ?? .infinity) <= lockStep.floor.tolerance(at: $0.1) }
        let verdict: Verdict = first == nil && outputsAgree ? .equivalent : .different
        if verdict == .different, first == nil {
            // No layer alone accounts for it: the first whose values are apart is where it shows.
            first =
                layers.first { layer in
                    (layer.propagation?.distance ?? 0) > NoiseFloor.allowance(layer.noiseFloor ?? 0)
                }?.path
        }
        return EquivalenceReport(
            verdict: verdict, firstLayer: verdict == .different ? first : nil,
            summary: sentence(verdict, first), layers: layers, weights: weights,
            unmatched: alignment.unmatchedPaths,
            outputs: outputs.compactMap { output in output.2.map { (output.0, $0) } })
    }

    private func sentence(_ verdict: Verdict, _ first: String?) -> String {
        switch verdict {
        case .equal: "the same operators on the same weights, bit for bit"
        case .equivalent: "the same function: what differs is no more than re-rounded weights make, or is taken back"
        case .different: first.map { "\($0) is the first layer that really differs" } ?? "the outputs differ"
        }
    }

    /// Attributes in which corresponding operators differ, in words.
    private func attributeReasons(_ unit: AlignedUnit) -> [String] {
        guard unit.matching == .structure || unit.matching == .path, let other = unit.b else { return [] }
        let mine = alignment.a.units[unit.a].nodes.map { alignment.a.graph[$0].operation }
        let theirs = alignment.b.units[other].nodes.map { alignment.b.graph[$0].operation }
        guard mine.map(\.name) == theirs.map(\.name) else {
            return ["\(mine.map(\.name).joined(separator: " → ")) for \(theirs.map(\.name).joined(separator: " → "))"]
        }
        return zip(mine, theirs).compactMap { AttributeDifference.text($0, $1) }
    }
}
