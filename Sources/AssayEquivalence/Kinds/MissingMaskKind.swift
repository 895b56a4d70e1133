// A mask on one side alone.

/// An attention or recurrent operator that takes a mask in one model and none in the other.
enum MissingMaskKind: DifferenceKind {
    static let name = "missing-mask"

    static func detail(_ suspect: Suspect) -> String? {
        for (name, isMasked) in suspect.masksOfA.sorted(by: { $0.key < $1.key }) {
            guard let other = suspect.masksOfB[name], other != isMasked else { continue }
            return isMasked ? "B takes no mask" : "A takes no mask"
        }
        return nil
    }
}
