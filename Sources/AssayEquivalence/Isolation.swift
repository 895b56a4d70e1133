// Two layers on the same inputs: what the layers themselves do, whatever reaches them.

import AssayExecution
import AssayGraph
import AssayTensors

/// Runs single units of both models on values of A.
struct Isolation {
    let a: Side
    let b: Side
    let parametersOfA: PreparedParameters<Double>
    let parametersOfB: PreparedParameters<Double>
    let threads: ThreadPool
    /// The value of A for each value of B that corresponds.
    let correspondence: [ValueID: ValueID]

    /// How large the random values are that a layer is tried on, in units of what really reaches it: as they are, and large
    /// enough to reach what only happens far out (the cap of a ReLU6).
    private static let scales = [1.0, 8.0]

    init(
        _ alignment: Alignment, _ parametersOfA: PreparedParameters<Double>,
        _ parametersOfB: PreparedParameters<Double>, threads: ThreadPool
    ) {
        a = alignment.a
        b = alignment.b
        self.parametersOfA = parametersOfA
        self.parametersOfB = parametersOfB
        self.threads = threads
        var byClass: [ValueClass: ValueID] = [:]
        for index in a.graph.values.indices {
            let value = ValueID(index)
            if let valueClass = a[value], byClass[valueClass] == nil { byClass[valueClass] = value }
        }
        var correspondence: [ValueID: ValueID] = [:]
        for index in b.graph.values.indices {
            let value = ValueID(index)
            if let valueClass = b[value] { correspondence[value] = byClass[valueClass] }
        }
        self.correspondence = correspondence
    }

    /// The values of A that a comparison of these units needs: what enters either.
    func inputs(_ unit: AlignedUnit) -> [ValueID]? {
        guard let other = unit.b else { return nil }
        let theirs = b.units[other].inputs.map { correspondence[$0] }
        guard !theirs.contains(nil) else { return nil }
        var seen: Set<ValueID> = []
        return (a.units[unit.a].inputs + theirs.compactMap { $0 }).filter { seen.insert($0).inserted }
    }

    /// The difference between the two units on what enters A's; nil where B's takes something that A does not have.
    ///
    /// - Parameter values: what enters, one tensor for each set of inputs, for at least `inputs(unit)`.
    func compare(_ unit: AlignedUnit, on values: RecordedValues) throws(AssayError) -> Difference? {
        guard let other = unit.b, let needed = inputs(unit), needed.allSatisfy({ values[$0] != nil }) else {
            return nil
        }
        let mine = try run(a, unit.values.map(\.a), a.units[unit.a].inputs, parametersOfA, values) { $0 }
        let theirs = try run(b, unit.values.map(\.b), b.units[other].inputs, parametersOfB, values) {
            correspondence[$0] ?? $0
        }
        return try Isolation.combined(unit.values.map { (mine[$0.a] ?? [], theirs[$0.b] ?? []) })
    }

    /// The difference between a unit of A and itself with other weights.
    func compare(
        _ unit: AlignedUnit, with adjusted: PreparedParameters<Double>, on values: RecordedValues
    ) throws(AssayError) -> Difference? {
        let inputs = a.units[unit.a].inputs
        guard inputs.allSatisfy({ values[$0] != nil }) else { return nil }
        let before = try run(a, unit.values.map(\.a), inputs, parametersOfA, values) { $0 }
        let after = try run(a, unit.values.map(\.a), inputs, adjusted, values) { $0 }
        return try Isolation.combined(unit.values.map { (before[$0.a] ?? [], after[$0.a] ?? []) })
    }

    /// Random values in the place of the real ones that enter a unit: integers and booleans stay.
    func randomised(_ unit: AlignedUnit, _ values: RecordedValues, seed: UInt64) throws(AssayError) -> RecordedValues {
        var random = RandomGenerator(seed: seed)
        var result: RecordedValues = [:]
        for input in inputs(unit) ?? a.units[unit.a].inputs {
            guard let real = values[input] else { continue }
            for scale in Isolation.scales {
                for tensor in real {
                    guard tensor.type.isFloatingPoint else {
                        result[input, default: []].append(tensor)
                        continue
                    }
                    let elements = try tensor.doubles()
                    let size = Difference(elements, elements).scale
                    let length = size > 0 ? size * scale : scale
                    result[input, default: []].append(
                        Tensor(elements.map { _ in random.normal() * length }, shape: tensor.shape))
                }
            }
        }
        return result
    }

    private func run(
        _ side: Side, _ wanted: [ValueID], _ inputs: [ValueID], _ parameters: PreparedParameters<Double>,
        _ values: RecordedValues, _ source: (ValueID) -> ValueID
    ) throws(AssayError) -> RecordedValues {
        let count = inputs.first.flatMap { values[source($0)]?.count } ?? 1
        var sets: [InputSet] = Array(repeating: [:], count: count)
        for input in inputs {
            for (index, tensor) in (values[source(input)] ?? []).enumerated() where index < count {
                sets[index][input] = tensor
            }
        }
        return try side.values(wanted, sets, parameters: parameters, threads: threads)
    }

    /// The worst of several differences.
    private static func combined(_ pairs: [([Tensor], [Tensor])]) throws(AssayError) -> Difference? {
        var worst: Difference?
        for (mine, theirs) in pairs {
            guard let difference = try Difference(mine, theirs) else { return nil }
            if difference.distance >= worst?.distance ?? 0 { worst = difference }
        }
        return worst
    }
}
