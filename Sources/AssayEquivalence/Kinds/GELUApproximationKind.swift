// The tanh approximation of GELU against the exact function.

import AssayOperators

/// GELU by tanh on one side and by erf on the other.
enum GELUApproximationKind: DifferenceKind {
    static let name = "gelu-approximation"

    static func detail(_ suspect: Suspect) -> String? {
        for (mine, theirs) in suspect.pairs(Activation.self) {
            if case .gelu(let own) = mine.function, case .gelu(let other) = theirs.function, own != other {
                return own ? "GELU by tanh for the exact one" : "the exact GELU for the one by tanh"
            }
        }
        return nil
    }
}
