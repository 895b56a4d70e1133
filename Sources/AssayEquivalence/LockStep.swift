// Runs both models in lock step, with copies of A whose weights are moved, and measures each pair of values as it comes up:
// nothing is kept but sums, so that memory does not grow with the number of layers.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors

/// What the runs of an aligned pair of models say.
struct LockStep {
    /// How far each compared value of A is from its counterpart, each model on its own, in Double.
    private(set) var propagation: [ValueID: Difference] = [:]
    /// How far each compared value of A moves for no reason.
    private(set) var floor: NoiseFloor
    /// How far the two models' Float executions are apart.
    private(set) var floats: [ValueID: (difference: Difference, units: UnitsInLastPlace)] = [:]
    /// What single layers of B do on A's values.
    private(set) var isolation: Isolation

    private let alignment: Alignment
    private let ports: PortPairing
    private let threads: ThreadPool
    private let tolerance: OutputTolerance?
    /// What is compared, in A's order, each value once: the values of each unit, and behind them the models' outputs.
    private let pairs: [(unit: AlignedUnit?, values: [ValuePair])]

    /// Measures every aligned pair of values, and the models' outputs.
    ///
    /// - Parameters:
    ///   - suspects: the units that are tried alone as well, by their place in A.
    ///   - tolerance: elements of the outputs outside of it are counted.
    /// - Throws: as a run does.
    init(
        _ alignment: Alignment, ports: PortPairing, sets: [InputSet], suspects: Set<Int>, tolerance: OutputTolerance?,
        threads: ThreadPool
    ) throws(AssayError) {
        self.alignment = alignment
        self.ports = ports
        self.threads = threads
        self.tolerance = tolerance
        floor = NoiseFloor(of: alignment.a)
        isolation = Isolation(alignment, ports: ports, threads: threads)
        var seen: Set<ValueID> = []
        let units = alignment.units.map { unit in
            (unit: AlignedUnit?.some(unit), values: unit.values.filter { seen.insert($0.a).inserted })
        }
        let outputs = ports.outputs.filter { seen.insert($0.a).inserted }.map { ValuePair(a: $0.a, b: $0.b) }
        pairs = units + [(nil, outputs)]
        try measureInDouble(sets, suspects)
        if propagation.contains(where: { floor.isDoubtful($0.value.distance, at: $0.key) }), let first = sets.first {
            try measureFloor(first, 1..<NoiseFloor.draws)
        }
        try measureInFloat(sets)
    }

    /// Tries more units alone.
    mutating func isolate(_ units: [AlignedUnit], _ sets: [InputSet]) throws(AssayError) {
        try isolation.measure(units, on: sets)
    }

    /// One model alone: the floor at `values`.
    static func floor(
        of side: Side, at values: [ValueID], on set: InputSet, threads: ThreadPool
    ) throws(AssayError) -> NoiseFloor {
        var floor = NoiseFloor(of: side)
        var run = JointRun(side, set: set)
        var probes = FloorProbes(0..<NoiseFloor.draws, of: run)
        for value in values { try probes.add(value, to: &run) }
        let found = try run.values(Double.self, probes.wanted, threads: threads)
        try probes.read(found, into: &floor)
        return floor
    }

    // MARK: Double

    /// Both models on every set of inputs; on the first, a copy of A beside them; and behind each suspect the suspect alone.
    private mutating func measureInDouble(_ sets: [InputSet], _ suspects: Set<Int>) throws(AssayError) {
        var sums: [ValueID: DifferenceSums] = [:]
        let outputs = Set(ports.outputs.map(\.a))
        for (index, set) in sets.enumerated() {
            var run = try JointRun(alignment.a, alignment.b, ports: ports, set: set)
            run.joint.recallsProducts = true
            var probes = FloorProbes(index == 0 ? 0..<1 : 0..<0, of: run)
            var alone = Isolation.Probes(keepsFrontiers: index == 0)
            var owners: [ValueID: [ValueID]] = [:]
            for (unit, values) in pairs {
                for pair in values {
                    try probes.add(pair.a, to: &run)
                    let probe = try run.compare(
                        run.a(pair.a), run.b(pair.b), as: pair,
                        tolerance: outputs.contains(pair.a) ? tolerance : nil)
                    if let probe { owners[probe, default: []].append(pair.a) }
                }
                if let unit, suspects.contains(unit.a) { try isolation.add(unit, &alone, to: &run) }
            }
            let wanted = owners.keys.sorted() + probes.wanted + alone.wanted
            let found = try run.values(Double.self, wanted, threads: threads)
            try probes.read(found, into: &floor)
            try isolation.read(alone, found)
            for (probe, values) in owners {
                guard let tensor = found[probe] else { continue }
                let measured = try tensor.differenceSums()
                for value in values { sums[value, default: DifferenceSums()].merge(measured) }
            }
        }
        propagation = sums.mapValues { Difference($0) }
    }

    /// More draws.
    private mutating func measureFloor(_ set: InputSet, _ draws: Range<UInt64>) throws(AssayError) {
        var run = JointRun(alignment.a, set: set)
        var probes = FloorProbes(draws, of: run)
        for pair in pairs.flatMap(\.values) { try probes.add(pair.a, to: &run) }
        try probes.read(run.values(Double.self, probes.wanted, threads: threads), into: &floor)
    }

    // MARK: Float

    /// Both models in Float.
    private mutating func measureInFloat(_ sets: [InputSet]) throws(AssayError) {
        var sums: [ValueID: DifferenceSums] = [:]
        var units: [ValueID: UnitsInLastPlace] = [:]
        for set in sets {
            var run = try JointRun(alignment.a, alignment.b, ports: ports, set: set)
            run.joint.recallsProducts = true
            var probes: [(value: ValueID, difference: ValueID, distance: ValueID)] = []
            for pair in pairs.flatMap(\.values) {
                let (mine, theirs) = (try run.laidOut(run.a(pair.a), as: pair), try run.b(pair.b))
                guard let difference = try run.compare(mine, theirs, order: pair.order) else { continue }
                let distance = try run.joint.add(FloatDistanceProbe(order: pair.order), [mine, theirs])
                probes.append((pair.a, difference, distance))
            }
            let found = try run.values(Float.self, probes.flatMap { [$0.difference, $0.distance] }, threads: threads)
            for probe in probes {
                guard let difference = found[probe.difference], let distance = try found[probe.distance]?.integers()
                else { continue }
                sums[probe.value, default: DifferenceSums()].merge(try difference.differenceSums())
                var measured = UnitsInLastPlace()
                (measured.median, measured.percentile99, measured.maximum) = (distance[0], distance[1], distance[2])
                units[probe.value, default: UnitsInLastPlace()].merge(measured)
            }
        }
        for (value, difference) in sums {
            floats[value] = (Difference(difference), units[value] ?? UnitsInLastPlace())
        }
    }

    /// The share of the Float executions' difference at `value` that rounding explains: they differ by what the functions
    /// differ, and by rounding.
    func explainedByRounding(at value: ValueID) -> Double? {
        guard let float = floats[value]?.difference, let exact = propagation[value] else { return nil }
        let share = float.rootMeanSquare > 0 ? exact.rootMeanSquare / float.rootMeanSquare : 0
        return max(0, 1 - min(1, share * share))
    }
}

/// Probes between A and copies of it with moved weights.
private struct FloorProbes {
    private var strands: [Strand]
    private var probes: [(value: ValueID, probe: ValueID)] = []

    /// A copy of A in `run` for each draw.
    init(_ draws: Range<UInt64>, of run: JointRun) {
        strands = draws.map { run.moved(Perturbation.halfUnit(seed: $0)) }
    }

    var wanted: [ValueID] { probes.map(\.probe) }

    mutating func add(_ value: ValueID, to run: inout JointRun) throws(AssayError) {
        for index in strands.indices {
            let moved = try run.joint.add(value, of: &strands[index])
            guard let probe = try run.compare(run.a(value), moved) else { continue }
            probes.append((value, probe))
        }
    }

    func read(_ found: [ValueID: Tensor], into floor: inout NoiseFloor) throws(AssayError) {
        for (value, probe) in probes {
            guard let tensor = found[probe] else { continue }
            floor.add(Difference(try tensor.differenceSums()), at: value)
        }
    }
}
