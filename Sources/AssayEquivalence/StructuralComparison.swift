// The comparison by structure and weights alone: of models that cannot be run, and of those that need not.

import AssayGraph
import AssayTensors

/// Compares by structure and weights, without numbers from a run.
struct StructuralComparison {
    let alignment: Alignment
    let ports: PortPairing

    /// The report: equal where all is proven, else different at the first layer that is not.
    func report(isProven: Bool) throws(AssayError) -> EquivalenceReport {
        var pairing = try WeightPairing(alignment)
        var layers: [LayerComparison] = []
        var weights: [WeightComparison] = []
        for unit in alignment.units {
            let own = alignment.a.units[unit.a]
            var comparison = LayerComparison(unit, alignment)
            let pairs = try pairing.pairs(own, unit.b.map { alignment.b.units[$0] })
            weights += pairs.map(\.comparison)
            // Without numbers nothing shows that a change is taken back, so what is not proven counts as different.
            comparison.isDifferent = unit.matching != .proof
            comparison.reasons = pairs.compactMap { $0.comparison.reason }
            layers.append(comparison)
        }
        let first = layers.first { $0.isDifferent }
        let verdict: Verdict = isProven ? .equal : .different
        let reason =
            verdict == .equal
            ? "the same operators on the same weights, bit for bit"
            : "the models cannot be run, so structure and weights alone were compared"
        return EquivalenceReport(
            verdict: verdict, firstLayer: verdict == .different ? first?.path : nil, summary: reason, layers: layers,
            weights: weights, unmatched: alignment.unmatchedPaths)
    }
}

extension LayerComparison {
    /// An aligned unit, before anything is known of it.
    init(_ unit: AlignedUnit, _ alignment: Alignment) {
        let own = alignment.a.units[unit.a]
        self.init(
            path: alignment.a.graph.spelled(own.name), className: alignment.a.graph[own.layer].className,
            counterpart: unit.b.map { alignment.b.graph.spelled(alignment.b.units[$0].name) }, matching: unit.matching)
    }
}

extension WeightComparison {
    /// What is different, in words; nil where nothing is.
    var reason: String? {
        guard !isBitEqual else { return nil }
        guard counterpart != nil else { return "\(path) has no counterpart" }
        guard let difference else { return "\(path) has another shape" }
        if differingElements == 0 { return nil }
        if difference.nonFiniteMismatches > 0 {
            return "\(path) has \(difference.nonFiniteMismatches) elements that are not finite in one of the two"
        }
        return "\(path) differs in \(differingElements) of \(shape.count) elements"
    }
}
