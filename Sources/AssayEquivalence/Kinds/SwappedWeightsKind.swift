// Weights that stand at each other's place.

/// A weight of B that holds, bit for bit, what another weight of A holds.
enum SwappedWeightsKind: DifferenceKind {
    static let name = "swapped-weights"

    static func detail(_ suspect: Suspect) -> String? {
        for weight in suspect.weights {
            if let namesake = weight.namesake { return "\(weight.path) has in B what A has in \(namesake)" }
        }
        return nil
    }
}
