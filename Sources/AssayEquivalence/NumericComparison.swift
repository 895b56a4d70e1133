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
    private let lockStep: LockStep

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
        lockStep = try LockStep(alignment, ports: ports, sets: sets, tolerance: tolerance, threads: threads)
    }

    /// The report.
    func report() throws(AssayError) -> EquivalenceReport {
        let evidence = try gatherWeights()
        let (judgement, trials) = try examine(evidence)
        var layers: [LayerComparison] = []
        for (unit, var evidence) in zip(alignment.units, evidence) {
            var comparison = LayerComparison(unit, alignment)
            evidence.isolation = judgement.isolation.difference(unit)
            evidence.trial = trials[unit.a]
            comparison.isolation = evidence.isolation
            comparison.reasons = evidence.weights.compactMap { $0.comparison.reason } + attributeReasons(unit)
            comparison.isDifferent = try judgement.isDifferent(unit, evidence)
            if comparison.isDifferent { try nameKind(of: unit, evidence, judgement.isolation, in: &comparison) }
            if let pair = unit.values.first { add(pair, to: &comparison) }
            layers.append(comparison)
        }
        return summarise(layers, evidence.flatMap { $0.weights.map(\.comparison) })
    }

    /// The weights of every unit beside each other.
    private func gatherWeights() throws(AssayError) -> [Evidence] {
        var pairing = WeightPairing(alignment)
        var evidence: [Evidence] = []
        for unit in alignment.units {
            var own = Evidence()
            own.weights = try pairing.pairs(alignment.a.units[unit.a], unit.b.map { alignment.b.units[$0] })
            evidence.append(own)
        }
        return evidence
    }

    /// Runs the suspects alone, on A's values and on random ones.
    private func examine(
        _ evidence: [Evidence]
    ) throws(AssayError) -> (judgement: Judgement, trials: [Int: Isolation.Trial]) {
        var judgement = Judgement(
            alignment: alignment,
            isolation: try Isolation(alignment, [], ports: ports, sets: [], threads: threads),
            lockStep: lockStep, sets: sets, threads: threads)
        let suspects = zip(alignment.units, evidence).filter { judgement.isSuspect($0, $1.weights) }
        judgement.isolation = try Isolation(
            alignment, suspects.map(\.0), ports: ports, sets: sets, threads: threads)
        var trials: [Int: Isolation.Trial] = [:]
        for (unit, var own) in suspects {
            own.isolation = judgement.isolation.difference(unit)
            if judgement.needsTrial(unit, own) { trials[unit.a] = try judgement.isolation.trial(unit, seed: 3) }
        }
        return (judgement, trials)
    }

    /// Names the kind of difference where it is recognised.
    private func nameKind(
        of unit: AlignedUnit, _ evidence: Evidence, _ isolation: Isolation, in comparison: inout LayerComparison
    ) throws(AssayError) {
        let suspect = try Suspect(
            alignment, unit, evidence.weights, counterpart: isolation.nodesOfCounterpart(unit))
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
