// Which architecture a model is, and which numbers its dimensions have: a backtracking match of the specification's
// structure against the model's layers, that keeps for every dimension the witness that set it.

import AssayTensors
import OrderedCollections

/// The value of a dimension, and what says so.
public struct Witness: Sendable, Hashable {
    /// The number.
    public var value: Int
    /// The tensor or configuration key that has it: `encoder/attention: query/kernel axis 0`.
    public var place: String
}

/// Two witnesses that contradict each other, or a relation that does not hold.
public struct Contradiction: Sendable, Hashable {
    /// The dimension or the constraint.
    public var dimension: String
    /// The layer at which it showed.
    public var layer: String
    /// What was said first.
    public var first: Witness
    /// What contradicts it.
    public var second: Witness
}

/// A model recognised as an architecture.
public struct Recognition: Sendable {
    /// The architecture.
    public var specification: Specification
    /// The share of the model's layers with parameters that the structure accounts for, 0 to 1.
    public var confidence: Double
    /// The value of each dimension.
    public var dimensions: OrderedDictionary<String, Witness>
    /// Which layer plays each role, in order.
    public var roles: [(role: String, layer: String)]
    /// What does not fit.
    public var contradictions: [Contradiction]
    /// Parameters that a role must have and its layer has not: `layer: role`.
    public var missing: [String]
}

extension SpecificationLibrary {
    /// The architecture that a model is, nil when none fits. The match that explains most layers wins; of equal ones that
    /// with fewer contradictions.
    public func recognise(_ layers: [LayerSketch]) -> Recognition? {
        specifications.compactMap { $0.match(layers) }.max { left, right in
            (left.confidence, -left.contradictions.count) < (right.confidence, -right.contradictions.count)
        }
    }
}

extension Specification {
    /// Matches the structure against a model's layers.
    ///
    /// - Returns: nil when the layers do not come in this order.
    public func match(_ layers: [LayerSketch]) -> Recognition? {
        let classes = Set(structure.flatMap(\.classes))
        // Layers that neither own parameters nor are of a class in question (dropout, activations) stand anywhere.
        let relevant = layers.filter { !$0.parameters.isEmpty || classes.contains($0.className) }
        let candidates = relevant.filter { layer in
            classes.contains(layer.className) || !relevant.contains { $0.path.hasPrefix(layer.path + "/") }
        }.filter { layer in
            // The parts of a layer that a role names as a whole are not looked at.
            !relevant.contains { classes.contains($0.className) && layer.path.hasPrefix($0.path + "/") }
        }
        var matcher = StructureMatcher(layers: candidates)
        guard matcher.match(structure[...], from: 0), let match = matcher.found else { return nil }
        var solver = DimensionSolver(specification: self)
        for (layer, index) in match.assignments { solver.add(layer, candidates[index]) }
        for (dimension, count) in match.counts {
            solver.set(dimension, Witness(value: count, place: "number of blocks"), layer: "")
        }
        solver.checkConstraints()
        return Recognition(
            specification: self, confidence: Double(match.assignments.count) / Double(max(candidates.count, 1)),
            dimensions: solver.dimensions,
            roles: match.assignments.map { ($0.0.role, candidates[$0.1].path) },
            contradictions: solver.contradictions, missing: solver.missing)
    }
}

extension Specification.Element {
    /// All classes that occur in it.
    fileprivate var classes: [String] {
        switch self {
        case .layer(let layer): layer.classes
        case .optional(let body), .repeated(_, let body): body.flatMap(\.classes)
        case .oneOf(let spellings): spellings.flatMap { $0.flatMap(\.classes) }
        }
    }
}

/// Matches a structure against a sequence of layers, as a regular expression is matched against a text.
private struct StructureMatcher {
    struct Match {
        var assignments: [(Specification.LayerSpecification, Int)] = []
        var counts: OrderedDictionary<String, Int> = [:]
    }

    let layers: [LayerSketch]
    var current = Match()
    var found: Match?
    /// Backtracking is bounded: a structure that needs more steps is not this architecture.
    private var steps = 0
    private static let maximumSteps = 200_000

    init(layers: [LayerSketch]) { self.layers = layers }

    /// Whether all elements match the layers from `position` to the end; then `found` says how.
    mutating func match(_ elements: ArraySlice<Specification.Element>, from position: Int) -> Bool {
        match(elements, from: position) { matcher, end in
            guard end == matcher.layers.count else { return false }
            matcher.found = matcher.current
            return true
        }
    }

    private typealias Continuation = (inout StructureMatcher, Int) -> Bool

    private mutating func match(
        _ elements: ArraySlice<Specification.Element>, from position: Int, then next: Continuation
    ) -> Bool {
        steps += 1
        guard steps < StructureMatcher.maximumSteps else { return false }
        guard let element = elements.first else { return next(&self, position) }
        let rest = elements.dropFirst()
        let saved = current
        defer { if found == nil { current = saved } }
        switch element {
        case .layer(let layer):
            guard layers.indices.contains(position), layer.accepts(layers[position]) else { return false }
            current.assignments.append((layer, position))
            return match(rest, from: position + 1, then: next)
        case .optional(let body):
            return match(body[...], from: position) { $0.match(rest, from: $1, then: next) }
                || match(rest, from: position, then: next)
        case .oneOf(let spellings):
            for spelling in spellings
            where match(spelling[...], from: position, then: { $0.match(rest, from: $1, then: next) }) {
                return true
            }
            return false
        case .repeated(let dimension, let body):
            return repeatBody(dimension, body, from: position, count: 0) { $0.match(rest, from: $1, then: next) }
        }
    }

    private mutating func repeatBody(
        _ dimension: String, _ body: [Specification.Element], from position: Int, count: Int, then next: Continuation
    ) -> Bool {
        let more = match(body[...], from: position) { matcher, end in
            end > position && matcher.repeatBody(dimension, body, from: end, count: count + 1, then: next)
        }
        if more { return true }
        guard count > 0 else { return false }
        let saved = current
        current.counts[dimension] = count
        if next(&self, position) { return true }
        current = saved
        return false
    }
}

extension Specification.LayerSpecification {
    /// Whether a layer can play this role: its class fits and it has the parameters' ranks.
    fileprivate func accepts(_ layer: LayerSketch) -> Bool {
        guard classes.contains(layer.className) else { return false }
        return parameters.allSatisfy { name, extents in
            guard let shape = layer.parameters[name.filter { $0 != "?" }] else { return name.hasSuffix("?") }
            return shape.rank == extents.count
        }
    }
}

/// Collects what is said of each dimension.
private struct DimensionSolver {
    let specification: Specification
    var dimensions: OrderedDictionary<String, Witness> = [:]
    var contradictions: [Contradiction] = []
    var missing: [String] = []

    init(specification: Specification) { self.specification = specification }

    mutating func add(_ role: Specification.LayerSpecification, _ layer: LayerSketch) {
        for (name, extents) in role.parameters {
            let parameter = name.filter { $0 != "?" }
            guard let shape = layer.parameters[parameter] else {
                if !name.hasSuffix("?") { missing.append("\(layer.path): \(parameter)") }
                continue
            }
            for (axis, extent) in extents.enumerated() {
                let place = "\(layer.path): \(parameter) axis \(axis)"
                set(extent, Witness(value: shape[axis], place: place), layer: layer.path)
            }
        }
        for (key, dimension) in role.configuration {
            guard let value = layer.configuration[key]?.integer else { continue }
            set(dimension, Witness(value: value, place: "\(layer.path): \(key)"), layer: layer.path)
        }
    }

    mutating func set(_ dimension: String, _ witness: Witness, layer: String) {
        let known = dimensions[dimension] ?? Int(dimension).map { Witness(value: $0, place: "the specification") }
        guard let known else {
            dimensions[dimension] = witness
            return
        }
        if known.value != witness.value {
            contradictions.append(
                Contradiction(dimension: dimension, layer: layer, first: known, second: witness))
        }
    }

    mutating func checkConstraints() {
        for constraint in specification.constraints {
            guard let left = product(constraint.left), let right = product(constraint.right) else { continue }
            let holds =
                switch constraint.relation {
                case .equals: left.value == right.value
                case .multipleOf: right.value != 0 && left.value % right.value == 0
                case .atLeast: left.value >= right.value
                }
            if !holds {
                contradictions.append(
                    Contradiction(dimension: constraint.text, layer: "", first: left, second: right))
            }
        }
    }

    private func product(_ factors: [String]) -> Witness? {
        var value = 1
        var places: [String] = []
        for factor in factors {
            if let number = Int(factor) {
                value = value.multipliedReportingOverflow(by: number).partialValue
            } else if let witness = dimensions[factor] {
                value = value.multipliedReportingOverflow(by: witness.value).partialValue
                places.append(witness.place)
            } else {
                return nil
            }
        }
        return Witness(value: value, place: places.joined(separator: ", "))
    }
}
