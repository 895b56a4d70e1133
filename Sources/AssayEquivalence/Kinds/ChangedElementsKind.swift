// A few elements of a weight.

/// Weights in which few elements differ.
enum ChangedElementsKind: DifferenceKind {
    static let name = "changed-elements"

    /// So many at most, or this share of them.
    private static let few = (count: 4, share: 0.01)

    static func detail(_ suspect: Suspect) -> String? {
        let changes = suspect.weights.map { ($0, $0.changed) }.filter { !$0.1.isEmpty }
        guard let (weight, changed) = changes.first, let first = changed.first,
            changes.allSatisfy({ weight, changed in
                changed.count <= few.count || Double(changed.count) <= few.share * Double(weight.a.count)
            })
        else { return nil }
        let rest = changed.count == 1 ? "" : ", and \(changed.count - 1) more"
        return "\(weight.path)\(weight.place(first)) is \(weight.a[first]) for \(weight.b[first])\(rest)"
    }
}
