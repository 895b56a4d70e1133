// Normalisations over unusual axes or with unusual epsilons.

import AssayGraph
import AssayOperators
import AssayTensors

/// Looks at the axes and epsilons of layer normalisations.
public struct NormalizationCheck: Check {
    /// What it finds.
    public static let summary = "normalisations with an epsilon that is not positive, too large, or unlike the others'"

    /// A check.
    public init() {}

    /// Above this, epsilon changes results visibly.
    private static let largestUsualEpsilon = 1e-2

    /// Errors for epsilons below zero, warnings for large ones, notes for one unlike the others.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        guard let graph = subject.model.graph else { return [] }
        var epsilons: [(layer: String, value: Double)] = []
        for node in graph.nodes {
            guard let normalization = node.operation as? LayerNormalization else { continue }
            epsilons.append((graph[node.layer].path, normalization.epsilon))
        }
        let counts = Dictionary(grouping: epsilons, by: \.value).mapValues(\.count)
        let usual = counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key
        return epsilons.compactMap { epsilon in
            if epsilon.value < 0 { return finding(epsilon, .error, "epsilon is negative", expected: "at least 0") }
            if epsilon.value > NormalizationCheck.largestUsualEpsilon {
                return finding(epsilon, .warning, "epsilon is large", expected: "at most 0.01")
            }
            guard let usual, epsilon.value != usual, (counts[usual] ?? 0) > 1 else { return nil }
            return finding(epsilon, .note, "epsilon is unlike the others'", expected: "\(usual)")
        }
    }

    private func finding(
        _ epsilon: (layer: String, value: Double), _ severity: Finding.Severity, _ message: String, expected: String
    ) -> Finding {
        Finding(
            code: "normalisation-epsilon", severity: severity, layer: epsilon.layer, message: message,
            expected: expected, found: "\(epsilon.value)")
    }
}
