// Any other attribute of an operator.

/// Two operators of one name that differ in an attribute for which there is no kind of its own.
enum OtherAttributeKind: DifferenceKind {
    static let name = "attribute"

    static func detail(_ suspect: Suspect) -> String? {
        guard suspect.operationsOfA.map(\.name) == suspect.operationsOfB.map(\.name) else { return nil }
        for (mine, theirs) in suspect.pairs {
            if let text = AttributeDifference.text(mine, theirs) { return text }
        }
        return nil
    }
}
