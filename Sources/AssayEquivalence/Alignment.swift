// Finds for each layer of A its counterpart in B: by proof where the classes of values agree, else by structure, values, path.
//
// The two graphs are walked in A's topological order. Where a layer's output has no equal in B, its counterpart is looked
// for, and from then on the two outputs count as the same value, so that what comes after is matched as if this layer were
// sound: every difference is found at the layer that makes it, and nowhere else.

import AssayGraph
import AssayTensors

/// A unit of A with its counterpart.
struct AlignedUnit: Sendable {
    /// The index of the unit in A.
    let a: Int
    /// The index of the unit in B whose outputs correspond; nil where none do.
    let b: Int?
    /// How the counterpart was found.
    let matching: Matching
    /// The corresponding values: A's recorded outputs and B's, in order.
    let values: [(a: ValueID, b: ValueID)]
}

/// Finds a value of B that equals a value of A in numbers, under every input that was tried.
protocol ValueMatcher {
    /// The value of B that equals `value` of A, nil where there is none.
    mutating func counterpart(of value: ValueID) throws(AssayError) -> ValueID?
}

/// The correspondence of two graphs.
struct Alignment {
    private(set) var a: Side
    private(set) var b: Side
    /// Every unit of A, in topological order.
    private(set) var units: [AlignedUnit] = []
    private var known = ValueClasses()
    private let inputsOfA: [ValueID: ValueClass]
    private let inputsOfB: [ValueID: ValueClass]
    private var usedInB: Set<Int> = []
    private var classesOfA: Set<ValueClass> = []

    /// Gives classes to the values of both sides. `inputs` says which input of B is which of A.
    init(_ a: Side, _ b: Side, inputs: [(a: ValueID, b: ValueID)]) throws(AssayError) {
        self.a = a
        self.b = b
        var inputsOfA: [ValueID: ValueClass] = [:]
        var inputsOfB: [ValueID: ValueClass] = [:]
        for (index, pair) in inputs.enumerated() {
            inputsOfA[pair.a] = known.input(index)
            inputsOfB[pair.b] = known.input(index)
        }
        self.inputsOfA = inputsOfA
        self.inputsOfB = inputsOfB
        try self.a.classify(&known, inputs: inputsOfA)
        try self.b.classify(&known, inputs: inputsOfB)
        classesOfA = Set(self.a.classes.compactMap { $0 })
    }

    /// Whether each of these values of A is provably the same function as its partner in B.
    func isProven(_ pairs: [(a: ValueID, b: ValueID)]) -> Bool {
        pairs.allSatisfy { a[$0.a] != nil && a[$0.a] == b[$0.b] }
    }

    /// Finds a counterpart for every unit of A.
    mutating func align(_ matcher: inout some ValueMatcher) throws(AssayError) {
        var valuesOfB = valuesByClass()
        for index in a.units.indices {
            let outputs = a.recordedOutputs(a.units[index])
            if let proven = proof(index, outputs, valuesOfB) {
                units.append(proven)
                continue
            }
            let aligned = try find(index, outputs, valuesOfB, &matcher)
            units.append(aligned)
            if let unit = aligned.b { usedInB.insert(unit) }
            for pair in aligned.values {
                if let valueClass = a[pair.a] { b.assume(pair.b, is: valueClass) }
            }
            if !aligned.values.isEmpty {
                try b.classify(&known, inputs: inputsOfB)
                valuesOfB = valuesByClass()
            }
        }
    }

    /// The units of B that nothing in A corresponds to.
    var unmatchedInB: [Int] {
        let matched = Set(units.compactMap(\.b))
        return b.units.indices.filter { index in
            !matched.contains(index)
                && b.recordedOutputs(b.units[index]).contains { value in
                    b[value].map { !classesOfA.contains($0) } ?? true
                }
        }
    }

    private func valuesByClass() -> [ValueClass: ValueID] {
        var values: [ValueClass: ValueID] = [:]
        for index in b.graph.values.indices {
            let value = ValueID(index)
            if let valueClass = b[value], values[valueClass] == nil { values[valueClass] = value }
        }
        return values
    }

    /// The unit's counterpart where all recorded outputs have equals in B.
    private func proof(_ index: Int, _ outputs: [ValueID], _ valuesOfB: [ValueClass: ValueID]) -> AlignedUnit? {
        var pairs: [(a: ValueID, b: ValueID)] = []
        for output in outputs {
            guard let valueClass = a[output], let equal = valuesOfB[valueClass] else { return nil }
            pairs.append((output, equal))
        }
        let unit = pairs.first.flatMap { b.unitOfValue[$0.b] }
        return AlignedUnit(a: index, b: unit, matching: .proof, values: pairs)
    }

    private func find(
        _ index: Int, _ outputs: [ValueID], _ valuesOfB: [ValueClass: ValueID], _ matcher: inout some ValueMatcher
    ) throws(AssayError) -> AlignedUnit {
        let unit = a.units[index]
        let open = b.units.indices.filter { isOpen($0) }
        let inputs = a.inputClasses(unit)
        let sameInputs = inputs.contains(nil) ? [] : open.filter { b.inputClasses(b.units[$0]) == inputs }
        if let found = best(sameInputs.filter { b.units[$0].name == unit.name }, unit)
            ?? best(sameInputs.filter { b.operatorNames(b.units[$0]) == a.operatorNames(unit) }, unit)
        {
            return AlignedUnit(a: index, b: found, matching: .structure, values: pair(outputs, found))
        }
        var equals: [(a: ValueID, b: ValueID)] = []
        for output in outputs {
            if let equal = try matcher.counterpart(of: output) { equals.append((output, equal)) }
        }
        if equals.count == outputs.count, let first = equals.first {
            return AlignedUnit(a: index, b: b.unitOfValue[first.b], matching: .values, values: equals)
        }
        if let found = best(open.filter { b.units[$0].name == unit.name }, unit) {
            return AlignedUnit(a: index, b: found, matching: .path, values: pair(outputs, found))
        }
        return AlignedUnit(a: index, b: nil, matching: .none, values: [])
    }

    /// Whether a unit of B still needs a counterpart: some output of it has no equal in A.
    private func isOpen(_ index: Int) -> Bool {
        guard !usedInB.contains(index) else { return false }
        return b.recordedOutputs(b.units[index]).contains { value in
            b[value].map { !classesOfA.contains($0) } ?? true
        }
    }

    /// The candidate whose outputs have the right number, and whose weights have most in common with the unit's.
    private func best(_ candidates: [Int], _ unit: LayerUnit) -> Int? {
        let outputs = a.recordedOutputs(unit).count
        let own = Set(parameterClasses(unit, a))
        return
            candidates
            .filter { b.recordedOutputs(b.units[$0]).count == outputs }
            .max { left, right in
                own.intersection(parameterClasses(b.units[left], b)).count
                    < own.intersection(parameterClasses(b.units[right], b)).count
            }
    }

    private func parameterClasses(_ unit: LayerUnit, _ side: Side) -> [ValueClass] {
        unit.nodes.flatMap { side.graph[$0].operands }.compactMap { operand in
            guard let operand, case .parameter = side.graph[operand].origin else { return nil }
            return side[operand]
        }
    }

    private func pair(_ outputs: [ValueID], _ unit: Int) -> [(a: ValueID, b: ValueID)] {
        Array(zip(outputs, b.recordedOutputs(b.units[unit])).map { (a: $0, b: $1) })
    }
}
