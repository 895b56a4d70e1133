// A mask on one side alone.

/// An attention or recurrent operator that takes a mask in one model and none in the other.
enum MissingMaskKind: DifferenceKind {
    static let name = "missing-mask"

    static func detail(_ suspect: Suspect) -> String? {
        guard suspect.hasMaskInA != suspect.hasMaskInB, !suspect.operationsOfB.isEmpty else { return nil }
        return suspect.hasMaskInA ? "B takes no mask" : "A takes no mask"
    }
}
