// Weights that are not finite.

/// A weight with elements that are not finite on one side.
enum NotANumberKind: DifferenceKind {
    static let name = "not-finite"

    static func detail(_ suspect: Suspect) -> String? {
        for weight in suspect.weights {
            let places = weight.changed.filter { !weight.a[$0].isFinite || !weight.b[$0].isFinite }
            guard let first = places.first else { continue }
            return "\(weight.path)\(weight.place(first)) is \(weight.a[first]) for \(weight.b[first])"
        }
        return nil
    }
}
