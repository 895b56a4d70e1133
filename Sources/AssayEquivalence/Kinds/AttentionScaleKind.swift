// Scores that are scaled by another factor, or not at all.

import AssayOperators

/// Attention whose products are multiplied by another factor.
enum AttentionScaleKind: DifferenceKind {
    static let name = "attention-scale"

    static func detail(_ suspect: Suspect) -> String? {
        for (mine, theirs) in suspect.pairs(Attention.self) where !mine.scale.isRounded(theirs.scale) {
            return "scores are multiplied by \(Float(mine.scale)) for \(Float(theirs.scale))"
        }
        return nil
    }
}
