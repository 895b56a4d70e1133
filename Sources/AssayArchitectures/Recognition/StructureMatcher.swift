// Matches the structure of a specification against a model's layers in the order of computation, with backtracking, as a
// regular expression is matched against a text.

import AssayTensors
import OrderedCollections

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
    /// - Returns: nil when the layers do not come in this order, or the architecture says none.
    public func match(_ layers: [LayerSketch]) -> Recognition? {
        guard !structure.isEmpty else { return nil }
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
        var solver = DimensionSolver(self)
        var missing: [MissingParameter] = []
        for (role, index) in match.assignments {
            for claim in role.claims(candidates[index]) { solver.add(claim) }
            missing += role.missing(candidates[index]).map {
                MissingParameter(path: $0, witnesses: ["the architecture \(name)"])
            }
        }
        for (dimension, count) in match.counts {
            solver.add(
                Claim(
                    expression: .name(dimension), witness: Witness(value: count, place: "number of blocks"), subject: ""
                ))
        }
        let solution = solver.solve()
        return Recognition(
            specification: self, confidence: Double(match.assignments.count) / Double(max(candidates.count, 1)),
            dimensions: solution.dimensions,
            roles: match.assignments.map { ($0.0.role, candidates[$0.1].path) },
            contradictions: solution.contradictions, missing: missing)
    }
}

extension Specification.LayerSpecification {
    /// What a layer that plays this role says of the dimensions.
    fileprivate func claims(_ layer: LayerSketch) -> [Claim] {
        var claims: [Claim] = []
        for (name, extents) in parameters {
            let parameter = name.filter { $0 != "?" }
            guard let shape = layer.parameters[parameter] else { continue }
            for (axis, extent) in extents.enumerated() {
                claims.append(
                    Claim(
                        expression: Int(extent).map { .literal(.integer($0)) } ?? .name(extent),
                        witness: Witness(value: shape[axis], place: "\(layer.path): \(parameter) axis \(axis)"),
                        subject: layer.path))
            }
        }
        for (key, dimension) in configuration {
            guard let value = layer.configuration[key]?.integer else { continue }
            claims.append(
                Claim(
                    expression: .name(dimension), witness: Witness(value: value, place: "\(layer.path): \(key)"),
                    subject: layer.path))
        }
        return claims
    }

    /// The paths of the parameters that a layer must have for this role, and has not.
    fileprivate func missing(_ layer: LayerSketch) -> [String] {
        parameters.keys.filter { !$0.hasSuffix("?") && layer.parameters[$0] == nil }.map { "\(layer.path): \($0)" }
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
