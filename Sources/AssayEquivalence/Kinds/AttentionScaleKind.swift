// Scores that are scaled by another factor, or not at all.

import AssayOperators

/// Attention whose products are multiplied by another factor.
enum AttentionScaleKind: DifferenceKind {
    static let name = "attention-scale"

    /// Factors that are written down in Float differ by less.
    private static let rounding = 1e-5

    static func detail(_ suspect: Suspect) -> String? {
        for (mine, theirs) in suspect.pairs(Attention.self)
        where (mine.scale - theirs.scale).magnitude > rounding * max(mine.scale.magnitude, theirs.scale.magnitude) {
            return "scores are multiplied by \(Float(mine.scale)) for \(Float(theirs.scale))"
        }
        return nil
    }
}
