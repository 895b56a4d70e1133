// The parameters of two layers beside each other.

import AssayGraph
import AssayTensors

/// A parameter of A and its counterpart in B.
struct WeightPair: Sendable {
    let a: ParameterID
    let b: ParameterID?
    let comparison: WeightComparison
    /// The Euclidean distance between the two; the norm of A's where B has no counterpart of this shape.
    let distance: Double
    /// Which elements differ; nil where B has no counterpart of this shape, or nothing differs.
    var changedElements: [Bool]?
    /// How B's tensor is laid out as A's is.
    var view = View.stored(0)
    /// How many elements differ, where none does by more than two units in the last place of the largest, in the type that A
    /// stores; nil otherwise.
    var reRoundedElements: Int?
    /// Whether any element differs in its value.
    var isChanged: Bool { distance > 0 || b == nil || (comparison.difference?.nonFiniteMismatches ?? 1) > 0 }
}

/// Pairs the parameters of units.
struct WeightPairing {
    private let a: Side
    private let b: Side
    private var twins: WeightTwins
    private let classesOfA: [ParameterID: ValueClass]
    private let classesOfB: [ParameterID: ValueClass]
    private let parameterOfClass: [ValueClass: ParameterID]

    init(_ alignment: Alignment) throws(AssayError) {
        a = alignment.a
        b = alignment.b
        classesOfA = a.parameterClasses
        classesOfB = b.parameterClasses
        var parameterOfClass: [ValueClass: ParameterID] = [:]
        for (parameter, valueClass) in classesOfB.sorted(by: { $0.key < $1.key })
        where parameterOfClass[valueClass] == nil {
            parameterOfClass[valueClass] = parameter
        }
        self.parameterOfClass = parameterOfClass
        let taken = Set(classesOfA.values)
        let free = classesOfB.filter { !taken.contains($0.value) }.keys.sorted()
        twins = try WeightTwins(b.model, free)
    }

    /// The parameters of a unit of A beside those of a unit of B: by their roles or order there, else by their bits wherever
    /// they are in B, else by what is most like them.
    mutating func pairs(_ unit: LayerUnit, _ other: LayerUnit?) throws(AssayError) -> [WeightPair] {
        var open = other?.parameters ?? []
        var pairs: [WeightPair] = []
        for (index, parameter) in unit.parameters.enumerated() {
            if let found = inUnit(parameter, index, unit, other, open) {
                open.removeAll { $0 == found }
                pairs.append(try compare(parameter, found))
            } else if let equal = classesOfA[parameter].flatMap({ parameterOfClass[$0] }) {
                pairs.append(try compare(parameter, equal))
            } else if let twin = try twins.twin(of: a.model.stored(a.model[parameter])) {
                pairs.append(
                    twin.isBitEqual
                        ? equal(parameter, twin.parameter, twin.view)
                        : try compare(parameter, twin.parameter, twin.view))
            } else {
                pairs.append(try missing(parameter))
            }
        }
        return pairs
    }

    /// The counterpart in the other unit: of the same role, or at the same place among as many.
    private func inUnit(
        _ parameter: ParameterID, _ index: Int, _ unit: LayerUnit, _ other: LayerUnit?, _ open: [ParameterID]
    ) -> ParameterID? {
        let (role, shape) = (a.model[parameter].role, a.model[parameter].shape)
        if let found = open.first(where: { b.model[$0].role == role && b.model[$0].shape == shape }) { return found }
        guard let other, other.parameters.count == unit.parameters.count else {
            return open.first { classesOfB[$0] == classesOfA[parameter] }
        }
        let found = other.parameters[index]
        return open.contains(found) && b.model[found].shape == shape ? found : nil
    }

    /// A parameter that nothing in B is like.
    private func missing(_ parameter: ParameterID) throws(AssayError) -> WeightPair {
        let shape = a.model[parameter].shape
        return WeightPair(
            a: parameter, b: nil,
            comparison: WeightComparison(
                path: a.path(of: parameter), counterpart: nil, shape: shape, isBitEqual: false,
                differingElements: shape.count, difference: nil),
            distance: try a.model.value(of: parameter).norm())
    }

    /// Two parameters that are the same bit for bit.
    private func equal(_ parameter: ParameterID, _ other: ParameterID, _ view: View) -> WeightPair {
        WeightPair(
            a: parameter, b: other,
            comparison: WeightComparison(
                path: a.path(of: parameter), counterpart: b.path(of: other), shape: a.model[parameter].shape,
                isBitEqual: true, differingElements: 0, difference: Difference()),
            distance: 0, view: view)
    }

    private func compare(
        _ parameter: ParameterID, _ other: ParameterID, _ view: View = .stored(0)
    ) throws(AssayError) -> WeightPair {
        if view.isIdentity, let own = classesOfA[parameter], own == classesOfB[other] {
            return equal(parameter, other, view)
        }
        let mine = try a.model.value(of: parameter)
        let theirs = try view.apply(to: [b.model.value(of: other)])
        if try mine.isBitEqual(to: theirs, isLastUse: true) { return equal(parameter, other, view) }
        let left = try mine.doubles()
        let right = try theirs.doubles()
        let difference = Difference(left, right)
        let changed = zip(left, right).map { $0 != $1 && !($0.isNaN && $1.isNaN) }
        return WeightPair(
            a: parameter, b: other,
            comparison: WeightComparison(
                path: a.path(of: parameter), counterpart: b.path(of: other), shape: mine.shape, isBitEqual: false,
                differingElements: changed.count { $0 }, difference: difference),
            distance: difference.rootMeanSquare * Double(max(left.count, 1)).squareRoot(), changedElements: changed,
            view: view, reRoundedElements: isReRounded(left, right, mine.type) ? changed.count { $0 } : nil)
    }
}

extension WeightPairing {
    /// Whether no element differs by more than two units in the last place of the largest: what was computed as a sum (a
    /// bias that took in a normalisation) is as exact as its largest term.
    private func isReRounded(_ a: [Double], _ b: [Double], _ type: ElementType) -> Bool {
        let largest = a.reduce(0) { max($0, $1.magnitude) }
        let bound = 2 * Perturbation.unitInLastPlace(largest, of: type)
        return zip(a, b).allSatisfy { ($0 - $1).magnitude <= bound }
    }
}

extension Tensor {
    /// The Euclidean norm of the finite elements.
    func norm() throws(AssayError) -> Double {
        try doubles().reduce(0) { $1.isFinite ? $0 + $1 * $1 : $0 }.squareRoot()
    }
}

extension Side {
    /// The class of each parameter that the graph uses, by its bits.
    fileprivate var parameterClasses: [ParameterID: ValueClass] {
        var found: [ParameterID: ValueClass] = [:]
        for (index, value) in graph.values.enumerated() {
            if case .parameter(let parameter) = value.origin { found[parameter] = proven[index] }
        }
        return found
    }
}
