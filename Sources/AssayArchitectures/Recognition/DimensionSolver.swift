// The numbers that an architecture's dimensions have in one model. Every axis, configuration key and count is a witness;
// where they disagree, the majority tells who is wrong.

import AssayTensors
import OrderedCollections

/// What a model's witnesses say of its dimensions.
struct DimensionSolution: Sendable {
    /// The value of each dimension that is known.
    var dimensions: OrderedDictionary<String, Witness> = [:]
    /// Claims that do not hold, and constraints.
    var contradictions: [Contradiction] = []

    /// The values alone.
    var values: OrderedDictionary<String, Int> { dimensions.mapValues(\.value) }
}

/// Collects claims and solves for the dimensions.
struct DimensionSolver: Sendable {
    private let specification: Specification
    private let settings: OrderedDictionary<String, JSON>
    private let derived: Set<String>
    private var claims: [Claim] = []

    /// A solver for one model.
    ///
    /// - Parameters:
    ///   - settings: what expressions may name beside dimensions.
    ///   - isConfigured: whether there is a configuration, so that what it leaves out is what the architecture derives.
    init(
        _ specification: Specification, settings: OrderedDictionary<String, JSON> = [:], isConfigured: Bool = false
    ) {
        self.specification = specification
        self.settings = settings
        derived = Set(
            specification.dimensions.filter { _, dimension in
                dimension.fallback?.names.isEmpty == false && (isConfigured || dimension.keys.isEmpty)
            }.keys)
    }

    /// Adds a witness. Of two values with equally many witnesses, that of the first counts.
    mutating func add(_ claim: Claim) { claims.append(claim) }

    /// The dimensions, and all that contradicts them.
    ///
    /// A number of the configuration may be one that no tensor shows alone (the heads of `heads * head_width`), so that
    /// many tensors contradict it together. Where leaving out one key makes everything else agree, the key is wrong.
    func solve() -> DimensionSolution {
        var attempt = Attempt(self, claims)
        attempt.solve()
        let wrong = attempt.contradicted
        if Set(wrong.map(\.subject)).count > 1 {
            let named = wrong.reduce(into: Set<String>()) { $0.formUnion($1.names) }
            let suspects = claims.filter(\.isConfigured)
            let nearest =
                suspects.filter { named.isSuperset(of: $0.names) }
                + suspects.filter { !named.isSuperset(of: $0.names) }
            for key in OrderedSet(nearest.map(\.subject)) {
                if let solution = solution(without: key) { return solution }
            }
        }
        return attempt.solution(contradicted: wrong)
    }

    /// The solution in which what one key says is wrong and all else holds; nil where there is none.
    private func solution(without key: String) -> DimensionSolution? {
        var attempt = Attempt(self, claims.filter { $0.subject != key })
        attempt.solve()
        let wrong = attempt.contradicted(of: claims.filter { $0.subject == key })
        return attempt.contradicted.isEmpty && !wrong.isEmpty ? attempt.solution(contradicted: wrong) : nil
    }
}

// MARK: Solving

extension DimensionSolver {
    /// A dimension's value with what is wrong if it is.
    private struct Known {
        var witness: Witness
        var subject: String
    }

    /// Solves for the dimensions from some of the claims.
    private struct Attempt {
        private let solver: DimensionSolver
        private let claims: [Claim]
        private var known: OrderedDictionary<String, Known> = [:]

        init(_ solver: DimensionSolver, _ claims: [Claim]) {
            self.solver = solver
            self.claims = claims
        }

        /// What says a dimension alone counts first; then what the architecture derives from those (`d_model // heads`);
        /// then products with one unknown factor.
        mutating func solve() {
            let said = Set(claims.filter(\.isConfigured).flatMap(\.names))
            let derived = solver.derived.subtracting(said)
            vote { $0.count == 1 && derived.isDisjoint(with: $0) }
            while derive() || vote({ _ in true }) || vote(by: equations, { _ in true }) {}
        }

        /// What derived dimensions that are known otherwise say of those that they are derived from: `heads * head_width`.
        private var equations: [Claim] {
            solver.specification.dimensions.compactMap { name, dimension in
                guard dimension.keys.isEmpty, let fallback = dimension.fallback, let known = known[name] else {
                    return nil
                }
                return Claim(expression: fallback, witness: known.witness, subject: known.subject)
            }
        }

        /// The claims that do not hold.
        var contradicted: [Claim] { contradicted(of: claims) }

        func contradicted(of claims: [Claim]) -> [Claim] {
            let lookup = lookup
            return claims.filter { claim in
                claim.expression.value(lookup)?.integer.map { $0 != claim.witness.value } ?? false
            }
        }

        func solution(contradicted: [Claim]) -> DimensionSolution {
            var solution = DimensionSolution(dimensions: known.mapValues(\.witness))
            for claim in contradicted {
                guard let truth = value(of: claim.expression) else { continue }
                solution.contradictions.append(
                    Contradiction(
                        dimension: claim.expression.description, layer: claim.subject, first: truth,
                        second: claim.witness))
            }
            solution.contradictions += solver.specification.constraints.compactMap(violation)
            return solution
        }

        // MARK: Votes

        /// What is known by now; to be asked for once for many expressions, since it copies what it looks into.
        private var lookup: (String) -> JSON? {
            { [known, settings = solver.settings] name in
                known[name].map { .integer($0.witness.value) } ?? settings[name]
            }
        }

        /// Settles every dimension that a claim can be solved for; `admits` is asked about the dimensions in a claim.
        ///
        /// - Returns: whether any was settled.
        @discardableResult
        private mutating func vote(by others: [Claim]? = nil, _ admits: (Set<String>) -> Bool) -> Bool {
            var votes: OrderedDictionary<String, OrderedDictionary<Int, [Claim]>> = [:]
            let lookup = lookup
            for claim in others ?? claims {
                let names = claim.names.filter { solver.settings[$0] == nil }
                let unknown = names.filter { known[$0] == nil }
                guard unknown.count == 1, let name = unknown.first, admits(names),
                    let value = claim.expression.solve(for: name, value: claim.witness.value, lookup)
                else { continue }
                votes[name, default: [:]][value, default: []].append(claim)
            }
            for (name, values) in votes {
                guard let winner = winner(values, of: name), let claim = winner.value.first else { continue }
                known[name] = Known(
                    witness: Witness(value: winner.key, place: claim.witness.place), subject: claim.subject)
            }
            return !votes.isEmpty
        }

        /// The value with most witnesses; of several, the architecture's usual one, else the first.
        private func winner(_ values: OrderedDictionary<Int, [Claim]>, of name: String) -> (key: Int, value: [Claim])? {
            let most = values.values.map(\.count).max()
            let best = values.filter { $0.value.count == most }
            let isConfigured = best.contains { $0.value.contains(where: \.isConfigured) }
            let usual = solver.specification.dimensions[name]?.fallback?.value { _ in nil }?.integer
            return best.elements.first { !isConfigured && $0.key == usual } ?? best.elements.first
        }

        /// Settles a dimension by what the architecture derives it from.
        private mutating func derive() -> Bool {
            for (name, dimension) in solver.specification.dimensions where known[name] == nil {
                guard let fallback = dimension.fallback, !fallback.names.isEmpty, let value = value(of: fallback) else {
                    continue
                }
                let subject = fallback.names.sorted().compactMap { known[$0]?.subject }.last
                known[name] = Known(witness: value, subject: subject ?? "")
                return true
            }
            return false
        }

        /// The value of an expression with the places of all that it is made of.
        func value(of expression: Expression) -> Witness? {
            guard let value = expression.value(lookup)?.integer else { return nil }
            let places = expression.names.sorted().compactMap { known[$0]?.witness.place }
            return Witness(
                value: value,
                place: places.isEmpty ? "the specification" : OrderedSet(places).joined(separator: ", "))
        }

        // MARK: Constraints

        private func violation(of constraint: Specification.Constraint) -> Contradiction? {
            guard let left = value(of: product(constraint.left)), let right = value(of: product(constraint.right))
            else {
                return nil
            }
            let holds =
                switch constraint.relation {
                case .equals: left.value == right.value
                case .multipleOf: right.value != 0 && left.value % right.value == 0
                case .atLeast: left.value >= right.value
                }
            guard !holds else { return nil }
            let subject = constraint.right.compactMap { known[$0]?.subject }.last
            return Contradiction(dimension: constraint.text, layer: subject ?? "", first: left, second: right)
        }

        private func product(_ factors: [String]) -> Expression {
            let terms = factors.map { Int($0).map { .literal(.integer($0)) } ?? Expression.name($0) }
            return terms.dropFirst().reduce(terms.first ?? .literal(1)) { .binary(.multiply, $0, $1) }
        }
    }
}
