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
    /// What happens on random values.
    var trial: Isolation.Trial?
    /// Whether some weight differs in its value.
    var hasChangedWeights: Bool { weights.contains(where: \.isChanged) }
    /// Whether the weights that differ are the same numbers, computed in another order and rounded again: several elements, and
    /// none by more than rounding.
    var hasReRoundedWeights: Bool {
        let changed = weights.filter(\.isChanged).map(\.reRoundedElements)
        return !changed.contains(nil) && changed.reduce(0) { $0 + ($1 ?? 0) } >= Evidence.severalElements
    }

    private static let severalElements = 3
}

/// Judges the units of an alignment.
struct Judgement {
    let alignment: Alignment
    let lockStep: LockStep
    let sets: [InputSet]
    let threads: ThreadPool

    private var floor: NoiseFloor { lockStep.floor }
    private var isolation: Isolation { lockStep.isolation }

    /// How many times farther than they do values must have been predicted to move for a change to count as compensated.
    private static let compensation = 100.0
    /// How many times their own size weights are moved, to see whether they have any say.
    private static let farther = 4.0

    /// Whether a unit with a counterpart has to be looked at, for what it is or because its values are apart.
    func isSuspect(_ unit: AlignedUnit, _ weights: [WeightPair]) -> Bool {
        alignment.isSuspect(unit, weights) || lockStep.areApart(unit)
    }

    /// Whether a suspect has to be tried on random values too: what it does elsewhere does not follow from what it does here.
    func needsTrial(_ unit: AlignedUnit, _ evidence: Evidence) -> Bool {
        guard let real = evidence.isolation else { return false }
        return evidence.hasChangedWeights || !alignment.isSmooth(unit)
            || real.distance > ownTolerance(unit, at: unit.values.first?.a)
    }

    /// Whether a unit that is not proven really differs.
    func isDifferent(_ unit: AlignedUnit, _ evidence: Evidence) throws(AssayError) -> Bool {
        if unit.matching == .proof { return false }
        if tableDiffers(unit, evidence) { return true }
        if unit.matching == .values, !isSuspect(unit, evidence.weights) { return false }
        if unit.matching == .none, !isReal(unit) { return false }
        if isReRounded(unit, evidence) { return false }
        if try isCompensatedInside(unit, evidence) { return false }
        return try !isCompensatedBehind(unit, evidence)
    }

    /// Whether a layer differs by no more than its weights were rounded in another way.
    private func isReRounded(_ unit: AlignedUnit, _ evidence: Evidence) -> Bool {
        guard let real = evidence.isolation, let output = unit.values.first?.a else { return false }
        return evidence.hasReRoundedWeights && real.distance <= floor.tolerance(at: output)
    }

    /// Whether a unit without counterpart gives anything but masks and shapes.
    private func isReal(_ unit: AlignedUnit) -> Bool {
        alignment.a.recordedOutputs(alignment.a.units[unit.a]).contains {
            alignment.a.graph[$0].fact.type.isFloatingPoint
        }
    }

    /// A table that is only gathered from is its own function: a row that no input reads counts as much as any other.
    private func tableDiffers(_ unit: AlignedUnit, _ evidence: Evidence) -> Bool {
        let graph = alignment.a.graph
        let tables = alignment.a.units[unit.a].nodes.compactMap { graph.table(of: $0) }
        return evidence.weights.contains { pair in
            pair.isChanged && pair.b != nil
                && tables.contains { if case .parameter(pair.a) = graph[$0].origin { true } else { false } }
        }
    }

    /// The largest distance between two layers on the same inputs that says nothing. The same operators do the same but for
    /// Double's rounding; others may hold constants that were rounded when they were written down.
    private func ownTolerance(_ unit: AlignedUnit, at value: ValueID?) -> Double {
        guard let value else { return 0 }
        return alignment.hasSameOperators(unit) ? floor.roundingTolerance(at: value) : floor.tolerance(at: value)
    }

    /// Whether the unit computes the same although its weights or attributes differ.
    private func isCompensatedInside(_ unit: AlignedUnit, _ evidence: Evidence) throws(AssayError) -> Bool {
        guard let real = evidence.isolation, let output = unit.values.first?.a else { return false }
        let rounding = NoiseFloor.allowance(evidence.trial?.rounding ?? 0)
        let random = evidence.trial?.difference.distance ?? 0
        let moved = max(real.distance, random)
        guard evidence.hasChangedWeights else {
            let tolerance = ownTolerance(unit, at: output)
            return real.distance <= tolerance && random <= max(tolerance, rounding)
        }
        guard real.distance <= floor.tolerance(at: output), random <= max(floor.tolerance(at: output), rounding)
        else { return false }
        guard let distances = directions(evidence) else { return false }
        let adjustment = Perturbation.randomDirection(distances.moves, seed: 5)
        guard let trial = try isolation.trial(unit, moving: adjustment, seed: 11) else { return false }
        if trial.distance <= floor.roundingTolerance(at: output) {
            return try hasNoSay(distances.moves, unit, output)
        }
        return trial.distance * distances.share >= Judgement.compensation * moved
    }

    /// Whether weights move nothing however far they move, one way and the other: then they have no say in what the layer
    /// does. A neuron that sleeps wakes when its bias moves far enough.
    private func hasNoSay(
        _ moves: [ParameterID: Perturbation.Move], _ unit: AlignedUnit, _ output: ValueID
    ) throws(AssayError) -> Bool {
        for factor in [Judgement.farther, -Judgement.farther] {
            let adjustment = Perturbation.randomDirection(try farther(moves, factor), seed: 5)
            guard let trial = try isolation.trial(unit, moving: adjustment, seed: 11),
                trial.distance <= floor.roundingTolerance(at: output)
            else { return false }
        }
        return true
    }

    /// Whether everything that the unit's output reaches is again what it is in A, before it reaches an output of the model.
    private func isCompensatedBehind(_ unit: AlignedUnit, _ evidence: Evidence) throws(AssayError) -> Bool {
        // A change that does not show in the unit's own output on these inputs was not taken back by anything behind it.
        if let output = unit.values.first?.a, let real = evidence.isolation,
            real.distance <= ownTolerance(unit, at: output)
        {
            return false
        }
        guard let cut = cut(behind: unit) else { return false }
        guard evidence.hasChangedWeights else {
            return cut.allSatisfy { (lockStep.propagation[$0]?.distance ?? .infinity) <= ownTolerance(unit, at: $0) }
        }
        guard let distances = directions(evidence) else { return false }
        let trials = try trials(at: cut, moving: distances.moves)
        var isTakenBack = false
        for value in cut {
            guard let trial = trials[value], let real = lockStep.propagation[value] else { return false }
            // Where the elements that changed have no say on these inputs (a neuron that none of them wakes), nothing is
            // taken back.
            if trial.distance <= floor.roundingTolerance(at: value) { continue }
            if trial.distance * distances.share < Judgement.compensation * real.distance { return false }
            isTakenBack = true
        }
        if isTakenBack { return true }
        // Unless they have no say however far they move: softmax takes out what a key bias adds.
        for factor in [Judgement.farther, -Judgement.farther] {
            let trials = try self.trials(at: cut, moving: farther(distances.moves, factor))
            for value in cut {
                guard let trial = trials[value], trial.distance <= floor.roundingTolerance(at: value) else {
                    return false
                }
            }
        }
        return true
    }

    /// How far values of A move when some of its parameters do.
    private func trials(
        at values: [ValueID], moving moves: [ParameterID: Perturbation.Move]
    ) throws(AssayError) -> [ValueID: Difference] {
        guard let set = sets.first else { return [:] }
        var run = JointRun(alignment.a, set: set)
        var moved = run.moved(Perturbation.randomDirection(moves, seed: 5))
        var probes: [ValueID: ValueID] = [:]
        for value in values { probes[value] = try run.compare(run.a(value), run.joint.add(value, of: &moved)) }
        let found = try run.values(Double.self, probes.values.sorted(), threads: threads)
        var trials: [ValueID: Difference] = [:]
        for (value, probe) in probes {
            trials[value] = try found[probe].map { (tensor) throws(AssayError) in
                Difference(try tensor.differenceSums())
            }
        }
        return trials
    }

    /// Moves of several times the parameters' own size.
    private func farther(
        _ moves: [ParameterID: Perturbation.Move], _ factor: Double
    ) throws(AssayError) -> [ParameterID: Perturbation.Move] {
        var far = moves
        for (parameter, move) in moves {
            far[parameter]?.distance = factor * max(try alignment.a.model.value(of: parameter).norm(), move.distance)
        }
        return far
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
        let modelOutputs = Set(graph.outputs.map(\.value))
        let aligned = Set(
            alignment.units.filter { $0.matching != .none }.flatMap { $0.values.map(\.a) })
        var cut: [ValueID] = []
        var seen: Set<ValueID> = []
        var open = alignment.a.recordedOutputs(alignment.a.units[unit.a])
        while let value = open.popLast() {
            guard seen.insert(value).inserted else { continue }
            if aligned.contains(value), let difference = lockStep.propagation[value],
                difference.distance <= floor.tolerance(at: value)
            {
                cut.append(value)
                continue
            }
            if modelOutputs.contains(value) { return nil }
            open += (alignment.a.consumers[value] ?? []).flatMap { graph[$0].results }
        }
        return cut
    }
}

extension Graph {
    /// The table from which a node gathers rows by numbers that are computed; nil where it does something else.
    fileprivate func table(of node: NodeID) -> ValueID? {
        let operands = self[node].operands
        guard operands.count > 1, let first = operands[0], let second = operands[1] else { return nil }
        switch self[node].operation {
        case is Embedding: return second
        case is Gather:
            switch self[second].origin {
            case .node, .input: return first
            case .constant, .parameter: return nil
            }
        default: return nil
        }
    }
}

extension LockStep {
    /// Whether a unit that was matched by its values has some that are apart by more than Double's rounding.
    func areApart(_ unit: AlignedUnit) -> Bool {
        unit.matching == .values
            && unit.values.contains { pair in
                (propagation[pair.a]?.distance ?? .infinity) > floor.roundingTolerance(at: pair.a)
            }
    }
}

extension Alignment {
    /// Whether a unit with a counterpart has to be looked at, whatever its values: it is another one, its weights differ, or
    /// it does something that values alone do not show.
    func isSuspect(_ unit: AlignedUnit, _ weights: [WeightPair]) -> Bool {
        switch unit.matching {
        case .proof, .none: false
        case .structure, .path: true
        case .values: weights.contains(where: \.isChanged) || !isSmooth(unit)
        }
    }

    /// Whether a unit and its counterpart are made of the same operators, in the same order.
    func hasSameOperators(_ unit: AlignedUnit) -> Bool {
        guard unit.matching == .structure || unit.matching == .path, let other = unit.b else { return false }
        return a.operatorNames(a.units[unit.a]) == b.operatorNames(b.units[other])
    }

    /// Whether a unit and its counterpart are made of operators whose results on a few random inputs say what they do on all:
    /// nothing is cut off or switched by the size of a value.
    func isSmooth(_ unit: AlignedUnit) -> Bool {
        a.units[unit.a].nodes.allSatisfy { a.graph.isSmooth($0) }
            && (unit.b.map { b.units[$0].nodes.allSatisfy { b.graph.isSmooth($0) } } ?? true)
    }
}

extension Graph {
    /// Whether results of a node on a few random inputs say what it does on all of them. Integers and booleans do not vary: a
    /// mask that is made from them selects the same elements always.
    fileprivate func isSmooth(_ node: NodeID) -> Bool {
        let operands = self[node].operands.compactMap { $0.map { self[$0].fact.type } }
        guard operands.contains(where: \.isFloatingPoint) else { return true }
        switch self[node].operation {
        case let activation as Activation:
            switch activation.function {
            case .linear, .sigmoid, .tanh, .gelu, .softplus, .silu, .exponential, .mish, .tanhShrink, .logSigmoid,
                .squareplus:
                return true
            default: return false
            }
        case let binary as Binary: return ![.maximum, .minimum].contains(binary.function)
        case let unary as Unary: return ![.absolute, .sign, .floor, .ceil, .round].contains(unary.function)
        case let reduce as Reduce: return ![.max, .min, .any, .all].contains(reduce.function)
        case let pooling as Pooling: return pooling.kind != .max
        case is Clip, is Compare, is Cast, is ParametricRelu, is ArgReduce, is TopK, is LSTM, is GRU,
            is SimpleRNN, is Sparsemax:
            return false
        default: return true
        }
    }
}
