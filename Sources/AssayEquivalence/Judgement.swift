// Decides which layers really differ.
//
// Weights that differ are not yet another function: heads, neurons and channels may be permuted consistently, a scale moved
// from one tensor to another, a key bias shifted (softmax takes it out), a normalisation folded. The test is compensation.
// From the size of the weights' change alone it is predicted how far values should move: A's weights are moved in a random
// direction by the same distance. Where values move by no more than re-rounding although they should have moved a hundred
// times as far, the change is compensated. Where they move about as far as predicted, the change is real, however small.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors

/// What is known of an aligned unit when it is judged.
struct Evidence {
    /// The parameters beside each other.
    var weights: [WeightPair] = []
    /// The difference on A's own values, nil where it could not be tried.
    var isolation: Difference?
    /// The difference on random values.
    var randomIsolation: Difference?
}

/// Judges the units of an alignment.
struct Judgement {
    let alignment: Alignment
    let isolation: Isolation
    let floor: NoiseFloor
    let valuesOfA: RecordedValues
    let sets: [InputSet]
    /// How far each compared value of A is from its counterpart, each model on its own.
    let propagation: [ValueID: Difference]
    let threads: ThreadPool

    /// How many times farther than they do values must have been predicted to move for a change to count as compensated.
    private static let compensation = 100.0
    /// How many times their own size weights are moved, to see whether they have any say.
    private static let farther = 4.0

    /// Whether a unit that is not proven really differs.
    func isDifferent(_ unit: AlignedUnit, _ evidence: Evidence) throws(AssayError) -> Bool {
        if unit.matching == .proof || unit.matching == .values { return false }
        if tableDiffers(unit, evidence) { return true }
        if try isCompensatedInside(unit, evidence) { return false }
        return try !isCompensatedBehind(unit, evidence)
    }

    /// A table that is only gathered from is its own function: a row that no input reads counts as much as any other.
    private func tableDiffers(_ unit: AlignedUnit, _ evidence: Evidence) -> Bool {
        let graph = alignment.a.graph
        let tables = alignment.a.units[unit.a].nodes.filter { graph[$0].operation is Embedding }.compactMap { node in
            graph[node].operands.count > 1 ? graph[node].operands[1] : nil
        }
        return evidence.weights.contains { pair in
            pair.isChanged
                && tables.contains { if case .parameter(pair.a) = graph[$0].origin { true } else { false } }
        }
    }

    /// Whether the unit computes the same although its weights or attributes differ.
    private func isCompensatedInside(_ unit: AlignedUnit, _ evidence: Evidence) throws(AssayError) -> Bool {
        guard let real = evidence.isolation, let output = unit.values.first?.a else { return false }
        let moved = max(real.distance, evidence.randomIsolation?.distance ?? 0)
        guard evidence.weights.contains(where: \.isChanged) else {
            return moved <= floor.roundingTolerance(at: output)
        }
        guard moved <= floor.tolerance(at: output) else { return false }
        guard let distances = directions(evidence) else { return false }
        let adjusted = PreparedParameters<Double>(
            alignment.a.model, adjust: Perturbation.randomDirection(distances.moves, seed: 5))
        let inputs = try isolation.randomised(unit, valuesOfA, seed: 11)
        guard let trial = try isolation.compare(unit, with: adjusted, on: inputs) else { return false }
        if trial.distance <= floor.roundingTolerance(at: output) {
            return try hasNoSay(distances.moves, unit, inputs, output)
        }
        return trial.distance * distances.share >= Judgement.compensation * moved
    }

    /// Whether weights move nothing however far they move, one way and the other: then they have no say in what the layer
    /// does. A neuron that sleeps wakes when its bias moves far enough.
    private func hasNoSay(
        _ moves: [ParameterID: Perturbation.Move], _ unit: AlignedUnit, _ inputs: RecordedValues, _ output: ValueID
    ) throws(AssayError) -> Bool {
        for factor in [Judgement.farther, -Judgement.farther] {
            var far = moves
            for (parameter, move) in moves {
                let values = try alignment.a.model.value(of: parameter).doubles()
                let size = values.reduce(0) { $1.isFinite ? $0 + $1 * $1 : $0 }.squareRoot()
                far[parameter]?.distance = factor * max(size, move.distance)
            }
            let adjusted = PreparedParameters<Double>(
                alignment.a.model, adjust: Perturbation.randomDirection(far, seed: 5))
            guard let trial = try isolation.compare(unit, with: adjusted, on: inputs),
                trial.distance <= floor.roundingTolerance(at: output)
            else { return false }
        }
        return true
    }

    /// Whether everything that the unit's output reaches is again what it is in A, before it reaches an output of the model.
    private func isCompensatedBehind(_ unit: AlignedUnit, _ evidence: Evidence) throws(AssayError) -> Bool {
        // A change that does not show in the unit's own output on these inputs was not taken back by anything behind it.
        if let output = unit.values.first?.a, let real = evidence.isolation,
            real.distance <= floor.roundingTolerance(at: output)
        {
            return false
        }
        guard let cut = cut(behind: unit) else { return false }
        guard evidence.weights.contains(where: \.isChanged) else {
            return cut.allSatisfy { (propagation[$0]?.distance ?? .infinity) <= floor.roundingTolerance(at: $0) }
        }
        guard let distances = directions(evidence) else { return false }
        let adjusted = PreparedParameters<Double>(
            alignment.a.model, adjust: Perturbation.randomDirection(distances.moves, seed: 5))
        let moved = try alignment.a.values(cut, sets, parameters: adjusted, threads: threads)
        return try allCompensated(cut, moved, share: distances.share)
    }

    private func allCompensated(
        _ cut: [ValueID], _ moved: RecordedValues, share: Double
    ) throws(AssayError) -> Bool {
        var isTakenBack = false
        for value in cut {
            guard let before = valuesOfA[value], let after = moved[value],
                let trial = try Difference(before, after), let real = propagation[value]
            else { return false }
            // Where the elements that changed have no say on these inputs (a neuron that none of them wakes), nothing is
            // taken back.
            if trial.distance <= floor.roundingTolerance(at: value) { continue }
            if trial.distance * share < Judgement.compensation * real.distance { return false }
            isTakenBack = true
        }
        return isTakenBack
    }

    /// How far to move A's parameters for a prediction, and the share of that which the real change is.
    ///
    /// A very small change is predicted from a larger one, so that the prediction is not lost in rounding.
    private func directions(_ evidence: Evidence) -> (moves: [ParameterID: Perturbation.Move], share: Double)? {
        var moves: [ParameterID: Perturbation.Move] = [:]
        for pair in evidence.weights where pair.isChanged {
            guard (pair.comparison.difference?.nonFiniteMismatches ?? 0) == 0 else { return nil }
            moves[pair.a] = Perturbation.Move(distance: pair.distance, elements: pair.changedElements)
        }
        let size = evidence.weights.map { pair in
            (pair.comparison.difference?.scale ?? 0) * Double(pair.comparison.shape.count).squareRoot()
        }.reduce(0, max)
        let largest = moves.values.map(\.distance).reduce(0, max)
        guard largest > 0 else { return nil }
        let factor = max(1, 1e-3 * size / largest)
        for parameter in moves.keys { moves[parameter]?.distance *= factor }
        return (moves, 1 / factor)
    }

    /// The first values from a unit's output on, on every way to the model's outputs, that agree with their counterparts; nil
    /// where a way has none.
    private func cut(behind unit: AlignedUnit) -> [ValueID]? {
        let graph = alignment.a.graph
        let consumers = graph.consumers
        let modelOutputs = Set(graph.outputs.map(\.value))
        let aligned = Set(
            alignment.units.filter { $0.matching != .none }.flatMap { $0.values.map(\.a) })
        var cut: [ValueID] = []
        var seen: Set<ValueID> = []
        var open = alignment.a.recordedOutputs(alignment.a.units[unit.a])
        while let value = open.popLast() {
            guard seen.insert(value).inserted else { continue }
            if aligned.contains(value), let difference = propagation[value],
                difference.distance <= floor.tolerance(at: value)
            {
                cut.append(value)
                continue
            }
            if modelOutputs.contains(value) { return nil }
            open += (consumers[value] ?? []).flatMap { graph[$0].results }
        }
        return cut
    }
}
