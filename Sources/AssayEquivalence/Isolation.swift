// Two layers on the same inputs: what the layers themselves do, whatever reaches them.
//
// A layer is cut out on both sides at the nearest values that correspond, so that it does not matter whether the two graphs
// are cut into layers alike.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors

/// Runs single layers of both models on values of A, or on random values.
struct Isolation {
    private let alignment: Alignment
    private let correspondence: Correspondence
    private let ports: PortPairing
    private let threads: ThreadPool
    private var frontiers: [ValueID: FrontierValue] = [:]
    private var real: [Int: DifferenceSums] = [:]

    /// What is remembered of a value of A at which a layer is cut out.
    private struct FrontierValue {
        let shape: Shape
        /// The size of its elements, for reals.
        var scale = 0.0
        /// The value itself, for integers and booleans: they stay what they are.
        var exact: Tensor?
    }

    /// How large the random values are that a layer is tried on, in units of what really reaches it: as they are, and large
    /// enough to reach what only happens far out (the cap of a ReLU6).
    private static let scales = [1.0, 8.0]

    /// The layers of an aligned pair of models, none of them tried yet.
    init(_ alignment: Alignment, ports: PortPairing, threads: ThreadPool) {
        self.alignment = alignment
        self.ports = ports
        self.threads = threads
        correspondence = Correspondence(alignment)
    }

    /// The difference between a unit and its counterpart on A's own values; nil where it could not be tried.
    func difference(_ unit: AlignedUnit) -> Difference? { real[unit.a].map { Difference($0) } }

    // MARK: On A's values

    /// What a run that tries units alone is asked for.
    struct Probes {
        /// Whether the values at which the units are cut out are to be remembered.
        let keepsFrontiers: Bool
        fileprivate var differences: [(unit: Int, probe: ValueID)] = []
        fileprivate var scales: [ValueID: ValueID] = [:]
        fileprivate var kept: [ValueID: ValueID] = [:]

        init(keepsFrontiers: Bool) { self.keepsFrontiers = keepsFrontiers }

        /// The values of the joint graph that are needed.
        var wanted: [ValueID] { differences.map(\.probe) + scales.values.sorted() + kept.values.sorted() }
    }

    /// Runs A on every set of inputs, and beside it, on A's values, the counterparts of these units.
    mutating func measure(_ units: [AlignedUnit], on sets: [InputSet]) throws(AssayError) {
        guard !units.isEmpty else { return }
        for (index, set) in sets.enumerated() {
            var run = try JointRun(alignment.a, alignment.b, ports: ports, set: set)
            var probes = Probes(keepsFrontiers: index == 0)
            for unit in units { try add(unit, &probes, to: &run) }
            try read(probes, run.values(Double.self, probes.wanted, threads: threads))
        }
    }

    /// Adds the counterpart of a unit, on A's values, to a run of A.
    mutating func add(_ unit: AlignedUnit, _ probes: inout Probes, to run: inout JointRun) throws(AssayError) {
        let frontier = frontier(unit)
        for value in probes.keepsFrontiers ? frontier.a : [] {
            let joint = try run.a(value)
            guard let shape = run.joint.shape(of: joint) else { continue }
            frontiers[value] = FrontierValue(shape: shape)
            if alignment.a.graph[value].fact.type.isFloatingPoint {
                probes.scales[value] = try run.compare(joint, joint)
            } else {
                probes.kept[value] = joint
            }
        }
        for pair in unit.values {
            guard
                var other = try strand(
                    frontier.b, in: &run, feeding: { (value, run) throws(AssayError) in try run.a(value) })
            else { continue }
            let theirs = try run.joint.add(pair.b, of: &other)
            if let probe = try run.compare(run.a(pair.a), theirs, as: pair) {
                probes.differences.append((unit.a, probe))
            }
        }
    }

    /// Takes in what a run found.
    mutating func read(_ probes: Probes, _ found: [ValueID: Tensor]) throws(AssayError) {
        for (unit, probe) in probes.differences {
            guard let tensor = found[probe] else { continue }
            real[unit, default: DifferenceSums()].merge(try tensor.differenceSums())
        }
        for (value, probe) in probes.scales {
            guard let tensor = found[probe] else { continue }
            frontiers[value]?.scale = Difference(try tensor.differenceSums()).scale
        }
        for (value, joint) in probes.kept { frontiers[value]?.exact = found[joint] }
    }

    /// B's strand with A's values in the place of what corresponds; nil where something has no counterpart.
    private func strand(
        _ frontier: [ValueID], in run: inout JointRun,
        feeding value: (ValueID, inout JointRun) throws(AssayError) -> ValueID
    ) throws(AssayError) -> Strand? {
        var other = Strand(alignment.b, mark: "b")
        for input in frontier {
            if let placed = run.strandB.placed[input], alignment.b.graph[input].producer == nil {
                other.placed[input] = placed
                continue
            }
            guard let own = correspondence.valueOfA[input] else { return nil }
            let joint = try value(own.a, &run)
            other.placed[input] = try run.laidOut(joint, as: own)
        }
        return other
    }

    /// Where a unit and its counterpart are cut out: values of A, and values of B.
    private struct Frontier {
        var a: [ValueID]
        var b: [ValueID]
        /// Whether both are cut out at the same values, so that any others may take their place.
        var isCommon: Bool
    }

    /// The nodes of B that do what the unit does, in topological order.
    func nodesOfCounterpart(_ unit: AlignedUnit) -> [NodeID] {
        let theirs = Set(unit.values.map(\.b))
        return Set(
            unit.values.flatMap { pair in
                alignment.b.region(of: pair.b) { correspondence.valueOfA[$0] != nil && !theirs.contains($0) }.nodes
            }
        ).sorted()
    }

    /// B is cut at the nearest values that have a counterpart, and A at those counterparts.
    private func frontier(_ unit: AlignedUnit) -> Frontier {
        let theirs = Set(unit.values.map(\.b))
        var other: Set<ValueID> = []
        for pair in unit.values {
            other.formUnion(
                alignment.b.region(of: pair.b) { correspondence.valueOfA[$0] != nil && !theirs.contains($0) }.frontier)
        }
        let common = Set(other.compactMap { correspondence.valueOfA[$0]?.a })
        var mine: Set<ValueID> = []
        for pair in unit.values { mine.formUnion(alignment.a.region(of: pair.a) { common.contains($0) }.frontier) }
        return Frontier(
            a: mine.union(common).sorted(), b: other.sorted(), isCommon: mine.isSubset(of: common))
    }

    // MARK: On random values

    /// What a unit and its counterpart do on random values.
    struct Trial {
        /// The difference between the two.
        var difference: Difference
        /// The distance that touching the inputs by a unit in Double's last place makes: rounding alone.
        var rounding: Double
    }

    /// Tries a unit and its counterpart on random values; nil where that is not possible.
    func trial(_ unit: AlignedUnit, seed: UInt64) throws(AssayError) -> Trial? {
        let frontier = frontier(unit)
        guard frontier.isCommon else { return nil }
        var run = JointRun(layersOf: alignment.a, alignment.b)
        var inputs: [[ValueID: Tensor]] = []
        var probes: [ValueID] = []
        var random = RandomGenerator(seed: seed)
        for scale in Isolation.scales {
            guard let values = randomValues(frontier.a, scale, &random) else { return nil }
            inputs.append(values)
            var mine = strandOfA(values, in: &run)
            guard
                var other = try strand(
                    frontier.b, in: &run,
                    feeding: { (value, run) throws(AssayError) in
                        guard let placed = mine.placed[value] else {
                            throw AssayError(.notRunnable, "a value of a layer has no counterpart")
                        }
                        return placed
                    })
            else { return nil }
            for pair in unit.values {
                let left = try run.joint.add(pair.a, of: &mine)
                let right = try run.joint.add(pair.b, of: &other)
                guard let probe = try run.compare(left, right, as: pair) else { return nil }
                probes.append(probe)
            }
        }
        let found = try run.values(Double.self, probes, threads: threads)
        guard let difference = try Isolation.worst(probes, found) else { return nil }
        // Where the two hardly differ, nobody asks what rounding does.
        let isSmall = difference.distance <= NoiseFloor.allowance(0)
        return Trial(difference: difference, rounding: isSmall ? 0 : try rounding(unit, on: inputs, &random))
    }

    /// How far a unit of A moves when its inputs are touched by two units in Double's last place.
    private func rounding(
        _ unit: AlignedUnit, on inputs: [[ValueID: Tensor]], _ random: inout RandomGenerator
    ) throws(AssayError) -> Double {
        var run = JointRun(layersOf: alignment.a, alignment.b)
        var probes: [ValueID] = []
        for values in inputs {
            var touched = values
            for (value, tensor) in values.sorted(by: { $0.key < $1.key }) {
                touched[value] = try Isolation.nudged(tensor, &random)
            }
            var plain = strandOfA(values, in: &run)
            var nudged = strandOfA(touched, in: &run)
            for pair in unit.values {
                let (left, right) = (try run.joint.add(pair.a, of: &plain), try run.joint.add(pair.a, of: &nudged))
                if let probe = try run.compare(left, right) { probes.append(probe) }
            }
        }
        return try Isolation.worst(probes, run.values(Double.self, probes, threads: threads))?.distance ?? 0
    }

    /// A with these values in their places.
    private func strandOfA(_ values: [ValueID: Tensor], in run: inout JointRun) -> Strand {
        var strand = Strand(alignment.a, mark: "a")
        for (value, tensor) in values.sorted(by: { $0.key < $1.key }) {
            strand.placed[value] = run.place(tensor, as: alignment.a.graph[value].fact.type)
        }
        return strand
    }

    /// The difference between a unit of A and itself with moved weights, on random values.
    func trial(
        _ unit: AlignedUnit, moving adjustment: PreparedParameters<Double>.Adjustment, seed: UInt64
    ) throws(AssayError) -> Difference? {
        let frontier = frontier(unit).a
        var run = JointRun(layersOf: alignment.a, alignment.b)
        var probes: [ValueID] = []
        var random = RandomGenerator(seed: seed)
        for scale in Isolation.scales {
            guard let values = randomValues(frontier, scale, &random) else { return nil }
            var plain = strandOfA(values, in: &run)
            var moved = Strand(alignment.a, mark: "a", adjustment: adjustment)
            moved.placed = plain.placed
            for pair in unit.values {
                let (left, right) = (
                    try run.joint.add(pair.a, of: &plain), try run.joint.add(pair.a, of: &moved)
                )
                if let probe = try run.compare(left, right) { probes.append(probe) }
            }
        }
        return try Isolation.worst(probes, run.values(Double.self, probes, threads: threads))
    }

    /// Random values in the place of the real ones that enter a layer: integers and booleans stay. Nil where a value is not
    /// known.
    private func randomValues(
        _ values: [ValueID], _ scale: Double, _ random: inout RandomGenerator
    ) -> [ValueID: Tensor]? {
        var result: [ValueID: Tensor] = [:]
        for value in values {
            guard let known = frontiers[value] else { return nil }
            if let exact = known.exact {
                result[value] = exact
                continue
            }
            let length = known.scale > 0 ? known.scale * scale : scale
            result[value] = Tensor((0..<known.shape.count).map { _ in random.normal() * length }, shape: known.shape)
        }
        return result
    }

    /// The tensor with every real element touched by two units in Double's last place.
    private static func nudged(_ tensor: Tensor, _ random: inout RandomGenerator) throws(AssayError) -> Tensor {
        guard tensor.type.isFloatingPoint else { return tensor }
        let values = try tensor.doubles()
        return Tensor(values.map { $0 + (random.next() & 1 == 0 ? 2 : -2) * $0.ulp }, shape: tensor.shape)
    }

    /// The worst of several differences; nil where there is none.
    private static func worst(_ probes: [ValueID], _ found: [ValueID: Tensor]) throws(AssayError) -> Difference? {
        var worst: Difference?
        for probe in probes {
            guard let tensor = found[probe] else { continue }
            let difference = Difference(try tensor.differenceSums())
            if difference.distance >= worst?.distance ?? 0 { worst = difference }
        }
        return worst
    }
}
