// Finds for each layer of A its counterpart in B: by proof where the classes of values agree, else by structure, values, path.
//
// The two graphs are walked in A's topological order. Where a layer's output has no equal in B, its counterpart is looked
// for, and from then on the two outputs count as the same value, so that what comes after is matched as if this layer were
// sound: every difference is found at the layer that makes it, and nowhere else.

import AssayGraph
import AssayOperators
import AssayTensors

/// A value of A and its counterpart in B.
struct ValuePair: Sendable {
    let a: ValueID
    let b: ValueID
    /// How the elements of the one lie beside those of the other.
    var order = ElementOrder.same
    /// The order in which A's axes stand in B, where it is another one; what follows is said of A's value in that order.
    var axes: [Int]?
    /// The shape in B, where it is another one.
    var shapeOfB: Shape?
}

/// A unit of A with its counterpart.
struct AlignedUnit: Sendable {
    /// The index of the unit in A.
    let a: Int
    /// The index of the unit in B whose outputs correspond; nil where none do.
    let b: Int?
    /// How the counterpart was found.
    let matching: Matching
    /// The corresponding values: A's recorded outputs and B's, in order.
    let values: [ValuePair]
}

/// Finds a value of B that equals a value of A in numbers, under every input that was tried.
protocol ValueMatcher {
    /// The value of B that equals `value` of A, nil where there is none.
    mutating func counterpart(of value: ValueID, in alignment: Alignment) throws(AssayError) -> ValuePair?

    /// The pair, where both values have as many elements; nil where they do not.
    mutating func pair(_ a: ValueID, _ b: ValueID, in alignment: Alignment) throws(AssayError) -> ValuePair?
}

/// The correspondence of two graphs.
struct Alignment {
    private(set) var a: Side
    private(set) var b: Side
    /// Every unit of A, in topological order.
    private(set) var units: [AlignedUnit] = []
    private var known = ValueClasses()
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
        try self.a.classify(&known, inputs: inputsOfA)
        try self.b.classify(&known, inputs: inputsOfB)
        classesOfA = Set(self.a.classes.compactMap { $0 })
    }

    /// Whether each of these values of A is provably the same function as its partner in B.
    func isProven(_ pairs: [(a: ValueID, b: ValueID)]) -> Bool {
        pairs.allSatisfy { a.proven[$0.a.index] != nil && a.proven[$0.a.index] == b.proven[$0.b.index] }
    }

    /// Finds a counterpart for every unit of A.
    mutating func align(_ matcher: inout some ValueMatcher) throws(AssayError) {
        var valuesOfB = b.valuesByClass
        for index in a.units.indices {
            let outputs = a.recordedOutputs(a.units[index])
            if let proven = proof(index, outputs, valuesOfB) {
                units.append(proven)
                continue
            }
            let aligned = try find(index, outputs, &matcher)
            units.append(aligned)
            if let unit = aligned.b { usedInB.insert(unit) }
            // Values of another shape or order correspond, but what is done to them says nothing without it.
            let alike = aligned.values.filter { $0.order == .same && $0.axes == nil && $0.shapeOfB == nil }
            for pair in alike {
                if let valueClass = a[pair.a] { try b.assume(pair.b, is: valueClass, &known) }
            }
            if !alike.isEmpty { valuesOfB = b.valuesByClass }
        }
    }

    /// The units of B that nothing in A corresponds to.
    var unmatchedInB: [Int] {
        let matched = Set(units.compactMap(\.b))
        return b.units.indices.filter { !matched.contains($0) && isOutputOpen($0) }
    }

    /// Their paths.
    var unmatchedPaths: [String] { unmatchedInB.map { b.graph.spelled(b.units[$0].name) } }

    /// The unit's counterpart where all recorded outputs have equals in B.
    private func proof(_ index: Int, _ outputs: [ValueID], _ valuesOfB: [ValueClass: ValueID]) -> AlignedUnit? {
        var pairs: [ValuePair] = []
        for output in outputs {
            guard let valueClass = a[output], let equal = valuesOfB[valueClass] else { return nil }
            pairs.append(ValuePair(a: output, b: equal))
        }
        let unit = pairs.first.flatMap { b.unitOfValue[$0.b] }
        return AlignedUnit(a: index, b: unit, matching: .proof, values: pairs)
    }

    private func find(
        _ index: Int, _ outputs: [ValueID], _ matcher: inout some ValueMatcher
    ) throws(AssayError) -> AlignedUnit {
        let unit = a.units[index]
        let open = b.units.indices.filter { !usedInB.contains($0) && isOutputOpen($0) }
        let inputs = a.inputClasses(unit)
        let sameInputs = inputs.contains(nil) ? [] : open.filter { b.inputClasses(b.units[$0]) == inputs }
        let operators = a.operatorNames(unit)
        let sameWork = sameInputs.filter { b.operatorNames(b.units[$0]) == operators }
        if let found = best(sameWork.filter { b.units[$0].name == unit.name }, unit) ?? best(sameWork, unit),
            let pairs = try pair(outputs, b.recordedOutputs(b.units[found]), &matcher)
        {
            return AlignedUnit(a: index, b: found, matching: .structure, values: pairs)
        }
        var equals: [ValuePair] = []
        for output in outputs {
            if let equal = try matcher.counterpart(of: output, in: self) { equals.append(equal) }
        }
        if equals.count == outputs.count, let first = equals.first {
            return AlignedUnit(a: index, b: b.unitOfValue[first.b], matching: .values, values: equals)
        }
        if let found = best(open.filter { b.units[$0].name == unit.name }, unit),
            let pairs = try pair(outputs, b.layerOutputs(b.units[found]), &matcher)
        {
            return AlignedUnit(a: index, b: found, matching: .path, values: pairs)
        }
        if let found = try resembling(unit, outputs, open, &matcher) {
            return AlignedUnit(a: index, b: b.unitOfValue[found.b], matching: .path, values: [found])
        }
        return AlignedUnit(a: index, b: nil, matching: .none, values: [])
    }

    /// Whether some output of a unit of B has no equal in A.
    private func isOutputOpen(_ index: Int) -> Bool {
        b.recordedOutputs(b.units[index]).contains { value in
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

    /// The last value of B, in the order of its graph, that comes from a unit whose path has the unit's in it, and that has
    /// as many elements as the unit's only output: exporters put the nodes of a layer under the layer's name.
    private func resembling(
        _ unit: LayerUnit, _ outputs: [ValueID], _ open: [Int], _ matcher: inout some ValueMatcher
    ) throws(AssayError) -> ValuePair? {
        guard outputs.count == 1 else { return nil }
        let path = PathWords(unit.name)
        for candidate in open.reversed() where PathWords(b.units[candidate].name).contains(path) {
            for value in b.recordedOutputs(b.units[candidate]).reversed() {
                if let pair = try matcher.pair(outputs[0], value, in: self) { return pair }
            }
        }
        return nil
    }

    /// The outputs of two units beside each other: those of one class, and what is left in order; nil where types or shapes
    /// say that they do not correspond.
    private func pair(
        _ outputs: [ValueID], _ others: [ValueID], _ matcher: inout some ValueMatcher
    ) throws(AssayError) -> [ValuePair]? {
        guard outputs.count == others.count else { return nil }
        var partners: [ValueID: ValueID] = [:]
        var rest = others
        for output in outputs {
            guard let own = a[output], let place = rest.firstIndex(where: { b[$0] == own }) else { continue }
            partners[output] = rest.remove(at: place)
        }
        for (output, other) in zip(outputs.filter { partners[$0] == nil }, rest) { partners[output] = other }
        var pairs: [ValuePair] = []
        for output in outputs {
            guard let other = partners[output], let pair = try pair(output, other, &matcher) else { return nil }
            pairs.append(pair)
        }
        return pairs
    }

    private func pair(
        _ output: ValueID, _ other: ValueID, _ matcher: inout some ValueMatcher
    ) throws(AssayError) -> ValuePair? {
        let (mine, theirs) = (a.graph[output].fact, b.graph[other].fact)
        guard StorageClass(mine.type) == StorageClass(theirs.type) else { return nil }
        if mine.shape != nil, theirs.shape != nil, mine.admits(theirs.shape) {
            return ValuePair(a: output, b: other)
        }
        return mine.type.isFloatingPoint ? try matcher.pair(output, other, in: self) : nil
    }
}

extension Side {
    /// The first value of each class.
    fileprivate var valuesByClass: [ValueClass: ValueID] {
        var values: [ValueClass: ValueID] = [:]
        for (index, valueClass) in classes.enumerated() {
            if let valueClass, values[valueClass] == nil { values[valueClass] = ValueID(index) }
        }
        return values
    }
}

/// The words of a path, whatever stands between them: `bert.encoder.layer.1` and `bert/encoder/layer_._1` are the same.
struct PathWords: Sendable, Hashable {
    private let words: [Substring]

    init(_ path: String) {
        words = path.split { $0 == "/" || $0 == "." || $0 == "_" || $0 == ":" }
    }

    /// Whether the other's words stand in here one after the other; a model's own name in front of them need not.
    func contains(_ other: PathWords) -> Bool {
        holds(other.words[...]) || other.words.count > 2 && holds(other.words.dropFirst())
    }

    private func holds(_ part: ArraySlice<Substring>) -> Bool {
        guard !part.isEmpty, part.count <= words.count else { return false }
        return (0...words.count - part.count).contains { words[$0..<$0 + part.count].elementsEqual(part) }
    }
}

/// Which values of the two graphs correspond, once all units are aligned.
struct Correspondence: Sendable {
    /// The value of A for each value of B that has one, in the same order of elements.
    private(set) var valueOfA: [ValueID: ValuePair] = [:]
    init(_ alignment: Alignment) {
        let byClass = alignment.a.valuesByClass
        for (index, valueClass) in alignment.b.classes.enumerated() {
            let value = ValueID(index)
            guard let valueClass, let own = byClass[valueClass] else { continue }
            valueOfA[value] = ValuePair(a: own, b: value)
        }
        for pair in alignment.units.flatMap(\.values) where pair.order == .same {
            if valueOfA[pair.b] == nil { valueOfA[pair.b] = pair }
        }
    }
}
