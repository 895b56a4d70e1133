// A matrix with its axes exchanged.

/// A square weight whose two axes are exchanged, or one of more axes that is reversed in two of them.
enum TransposedWeightKind: DifferenceKind {
    static let name = "transposed-weight"

    static func detail(_ suspect: Suspect) -> String? {
        for weight in suspect.weights {
            let extents = weight.shape.extents
            for first in extents.indices {
                for second in extents.indices where second > first && extents[first] == extents[second] {
                    guard extents[first] > 1, isExchanged(weight, first, second) else { continue }
                    return "\(weight.path) has axes \(first) and \(second) exchanged"
                }
            }
        }
        return nil
    }

    private static func isExchanged(_ weight: ChangedWeight, _ first: Int, _ second: Int) -> Bool {
        let strides = weight.shape.strides
        let extent = weight.shape[first]
        return weight.a.indices.allSatisfy { index in
            let one = index / strides[first] % extent
            let two = index / strides[second] % extent
            let other = index + (two - one) * strides[first] + (one - two) * strides[second]
            return weight.a[index] == weight.b[other]
        }
    }
}
