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
    private let floor: NoiseFloor
    private let doublesOfA: RecordedValues
    private let doublesOfB: RecordedValues
    private let parametersOfA: PreparedParameters<Double>
    private let parametersOfB: PreparedParameters<Double>

    /// Runs both models in Double on A's inputs, measures the floor, and aligns what structure alone did not.
    init(
        _ classified: Alignment, ports: PortPairing, sets: [InputSet], threads: ThreadPool
    ) throws(AssayError) {
        var alignment = classified
        let a = alignment.a
        let b = alignment.b
        parametersOfA = PreparedParameters(a.model)
        parametersOfB = PreparedParameters(b.model)
        // Recorded values and whatever enters a unit: isolation feeds it.
        var seen: Set<ValueID> = []
        let wanted = (a.comparedValues + a.units.flatMap(\.inputs)).filter { seen.insert($0).inserted }
        doublesOfA = try a.values(wanted, sets, parameters: parametersOfA, threads: threads)
        doublesOfB = try b.values(
            b.comparedValues, ports.sets(forB: sets), parameters: parametersOfB, threads: threads)
        floor = try NoiseFloor(a, a.comparedValues, sets, base: doublesOfA, threads: threads)
        var matcher = try NumericMatcher(doublesOfA, doublesOfB, floor: floor)
        try alignment.align(&matcher)
        self.alignment = alignment
        self.ports = ports
        self.sets = sets
        self.threads = threads
    }

    /// The report.
    ///
    /// - Parameter isProven: whether all outputs are provably the same function.
    func report(isProven: Bool) throws(AssayError) -> EquivalenceReport {
        let propagation = try propagation()
        let isolation = Isolation(alignment, parametersOfA, parametersOfB, threads: threads)
        let judgement = Judgement(
            alignment: alignment, isolation: isolation, floor: floor, valuesOfA: doublesOfA, sets: sets,
            propagation: propagation, threads: threads)
        let quality = try FloatQuality(alignment, ports: ports, sets: sets, threads: threads)
        var layers: [LayerComparison] = []
        var weights: [WeightComparison] = []
        for unit in alignment.units {
            var comparison = LayerComparison(unit, alignment)
            let evidence = try evidence(unit, isolation)
            weights += evidence.weights.map(\.comparison)
            comparison.isolation = evidence.isolation
            comparison.reasons = evidence.weights.compactMap { $0.comparison.reason } + attributeReasons(unit)
            if !isProven { comparison.isDifferent = try judgement.isDifferent(unit, evidence) }
            if let pair = unit.values.first {
                comparison.propagation = propagation[pair.a]
                comparison.noiseFloor = floor.reRounding[pair.a]
                try quality.add(pair, doublesOfA, doublesOfB, to: &comparison)
            }
            layers.append(comparison)
        }
        return try summarise(layers, weights, isProven: isProven)
    }

    private func summarise(
        _ layers: [LayerComparison], _ weights: [WeightComparison], isProven: Bool
    ) throws(AssayError) -> EquivalenceReport {
        let outputs = try outputDifferences()
        var first = layers.first { $0.isDifferent }?.path
        let outputsAgree = outputs.allSatisfy { $0.difference.distance <= floor.tolerance(at: $0.value) }
        let verdict: Verdict = isProven ? .equal : first == nil && outputsAgree ? .equivalent : .different
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
            unmatched: alignment.unmatchedInB.map { alignment.b.units[$0].name },
            outputs: outputs.map { ($0.name, $0.difference) })
    }

    private func sentence(_ verdict: Verdict, _ first: String?) -> String {
        switch verdict {
        case .equal: "the same operators on the same weights, bit for bit"
        case .equivalent: "the same function: what differs is no more than re-rounded weights make, or is taken back"
        case .different: first.map { "\($0) is the first layer that really differs" } ?? "the outputs differ"
        }
    }

    private func evidence(_ unit: AlignedUnit, _ isolation: Isolation) throws(AssayError) -> Evidence {
        var evidence = Evidence()
        let own = alignment.a.units[unit.a]
        evidence.weights = try WeightPairing(a: alignment.a, b: alignment.b)
            .pairs(own, unit.b.map { alignment.b.units[$0] })
        guard unit.matching == .structure || unit.matching == .path else { return evidence }
        evidence.isolation = try isolation.compare(unit, on: doublesOfA)
        evidence.randomIsolation = try isolation.compare(
            unit, on: isolation.randomised(unit, doublesOfA, seed: 3))
        return evidence
    }

    /// How far each aligned value of A is from its counterpart, each model on its own.
    private func propagation() throws(AssayError) -> [ValueID: Difference] {
        var differences: [ValueID: Difference] = [:]
        let pairs = alignment.units.flatMap(\.values) + ports.outputs.map { ($0.a, $0.b) }
        for pair in pairs {
            guard let mine = doublesOfA[pair.a], let theirs = doublesOfB[pair.b] else { continue }
            differences[pair.a] = try Difference(mine, theirs)
        }
        return differences
    }

    private func outputDifferences() throws(AssayError) -> [(name: String, value: ValueID, difference: Difference)] {
        var differences: [(name: String, value: ValueID, difference: Difference)] = []
        for output in ports.outputs {
            guard let mine = doublesOfA[output.a], let theirs = doublesOfB[output.b],
                let difference = try Difference(mine, theirs)
            else { continue }
            differences.append((output.name, output.a, difference))
        }
        return differences
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

extension PortPairing {
    /// Inputs of A as inputs of B.
    func sets(forB sets: [InputSet]) -> [InputSet] {
        sets.map { set in
            var other: InputSet = [:]
            for pair in inputs { other[pair.b] = set[pair.a] }
            return other
        }
    }
}
