// A weight times a number.

/// A weight, or a slice of it, that is the other side's times one factor, up to rounding.
enum ScaledWeightKind: DifferenceKind {
    static let name = "scaled"

    static func detail(_ suspect: Suspect) -> String? {
        for weight in suspect.weights {
            let changed = weight.changed
            guard changed.count > 1, let factor = factor(weight, changed) else { continue }
            let part = changed.count == weight.a.filter({ $0 != 0 }).count ? "" : " in \(changed.count) elements"
            return "\(weight.path) is times \(rounded(factor)) in B\(part)"
        }
        return nil
    }

    /// The factor that makes A's elements B's, each to within Float's rounding; nil where there is none.
    private static func factor(_ weight: ChangedWeight, _ changed: [Int]) -> Double? {
        var product = 0.0
        var squares = 0.0
        for index in changed {
            product += weight.a[index] * weight.b[index]
            squares += weight.a[index] * weight.a[index]
        }
        guard squares > 0 else { return nil }
        let factor = product / squares
        let isScaled = changed.allSatisfy { index in
            (weight.b[index] - factor * weight.a[index]).magnitude <= 1e-6 * weight.b[index].magnitude
        }
        return isScaled && factor.isFinite && (factor - 1).magnitude > 1e-6 ? factor : nil
    }

    /// The factor to seven digits, as far as Float tells it.
    private static func rounded(_ factor: Double) -> Double { (factor * 1e7).rounded() / 1e7 }
}
