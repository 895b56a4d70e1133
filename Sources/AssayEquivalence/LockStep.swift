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
    private(set) var floor = NoiseFloor()
    /// How far the two models' Float executions are apart.
    private(set) var floats: [ValueID: (difference: Difference, units: UnitsInLastPlace)] = [:]

    private let alignment: Alignment
    private let ports: PortPairing
    private let threads: ThreadPool
    private let tolerance: OutputTolerance?
    private let pairs: [ValuePair]

    /// Measures every aligned pair of values, and the models' outputs.
    ///
    /// - Parameter tolerance: elements of the outputs outside of it are counted.
    /// - Throws: as a run does.
    init(
        _ alignment: Alignment, ports: PortPairing, sets: [InputSet], tolerance: OutputTolerance?, threads: ThreadPool
    ) throws(AssayError) {
        self.alignment = alignment
        self.ports = ports
        self.threads = threads
        self.tolerance = tolerance
        var seen: Set<ValueID> = []
        pairs =
            alignment.units.flatMap(\.values).filter { seen.insert($0.a).inserted }
            + ports.outputs.filter { seen.insert($0.a).inserted }.map { ValuePair(a: $0.a, b: $0.b) }
        try measureInDouble(sets)
        if isDoubtful, let first = sets.first {
            try measureFloor(first, (1..<NoiseFloor.draws).map { .reRounding($0) })
        }
        try measureInFloat(sets)
    }

    /// One model alone: the floor at `values`.
    static func floor(
        of side: Side, at values: [ValueID], on set: InputSet, threads: ThreadPool
    ) throws(AssayError) -> NoiseFloor {
        var floor = NoiseFloor()
        let draws = (0..<NoiseFloor.draws).map { NoiseFloor.Draw.reRounding($0) } + [.arithmetic]
        var run = JointRun(side, set: set)
        var probes = FloorProbes(draws.map { ($0, run.moved($0.adjustment)) })
        for value in values { try probes.add(value, to: &run) }
        let found = try run.values(Double.self, probes.wanted, threads: threads)
        try probes.read(found, into: &floor)
        return floor
    }

    // MARK: Double

    /// Both models on every set of inputs; on the first, the copies of A beside them.
    private mutating func measureInDouble(_ sets: [InputSet]) throws(AssayError) {
        var sums: [ValueID: DifferenceSums] = [:]
        for (index, set) in sets.enumerated() {
            var run = try JointRun(alignment.a, alignment.b, ports: ports, set: set)
            let draws: [NoiseFloor.Draw] = index == 0 ? [.reRounding(0), .arithmetic] : []
            var probes = FloorProbes(draws.map { ($0, run.moved($0.adjustment)) })
            let outputs = Set(ports.outputs.map(\.a))
            var owners: [ValueID: [ValueID]] = [:]
            for pair in pairs {
                try probes.add(pair.a, to: &run)
                let probe = try run.compare(
                    run.a(pair.a), run.b(pair.b), as: pair,
                    tolerance: outputs.contains(pair.a) ? tolerance : nil)
                if let probe { owners[probe, default: []].append(pair.a) }
            }
            let found = try run.values(Double.self, owners.keys.sorted() + probes.wanted, threads: threads)
            try probes.read(found, into: &floor)
            for (probe, values) in owners {
                guard let tensor = found[probe] else { continue }
                let measured = try tensor.differenceSums()
                for value in values { sums[value, default: DifferenceSums()].merge(measured) }
            }
        }
        propagation = sums.mapValues { Difference($0) }
    }

    /// More draws.
    private mutating func measureFloor(_ set: InputSet, _ draws: [NoiseFloor.Draw]) throws(AssayError) {
        var run = JointRun(alignment.a, set: set)
        var probes = FloorProbes(draws.map { ($0, run.moved($0.adjustment)) })
        for pair in pairs { try probes.add(pair.a, to: &run) }
        try probes.read(run.values(Double.self, probes.wanted, threads: threads), into: &floor)
    }

    /// Whether some values are apart by more than Double's rounding: then it matters what re-rounding explains, and one draw
    /// is not enough to say.
    private var isDoubtful: Bool {
        propagation.contains { $0.value.distance > floor.roundingTolerance(at: $0.key) }
    }

    // MARK: Float

    /// Both models in Float.
    private mutating func measureInFloat(_ sets: [InputSet]) throws(AssayError) {
        var sums: [ValueID: DifferenceSums] = [:]
        var units: [ValueID: UnitsInLastPlace] = [:]
        for set in sets {
            var run = try JointRun(alignment.a, alignment.b, ports: ports, set: set)
            var probes: [(value: ValueID, difference: ValueID, distance: ValueID)] = []
            for pair in pairs {
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
    private var strands: [(draw: NoiseFloor.Draw, strand: Strand)]
    private var probes: [(draw: NoiseFloor.Draw, value: ValueID, probe: ValueID)] = []

    init(_ strands: [(draw: NoiseFloor.Draw, strand: Strand)]) { self.strands = strands }

    var wanted: [ValueID] { probes.map(\.probe) }

    mutating func add(_ value: ValueID, to run: inout JointRun) throws(AssayError) {
        for index in strands.indices {
            let moved = try run.joint.add(value, of: &strands[index].strand)
            guard let probe = try run.compare(run.a(value), moved) else { continue }
            probes.append((strands[index].draw, value, probe))
        }
    }

    func read(_ found: [ValueID: Tensor], into floor: inout NoiseFloor) throws(AssayError) {
        for (draw, value, probe) in probes {
            guard let tensor = found[probe] else { continue }
            floor.add(Difference(try tensor.differenceSums()), of: draw, at: value)
        }
    }
}
