// The kinds of difference that are recognised, the most telling first.

/// The kinds of difference that are recognised.
enum DifferenceKinds {
    /// The first that fits names the difference.
    static let all: [any DifferenceKind.Type] = [
        EpsilonKind.self,
        GELUApproximationKind.self,
        OtherActivationKind.self,
        AttentionScaleKind.self,
        MissingMaskKind.self,
        PaddingKind.self,
        OtherAttributeKind.self,
        NotANumberKind.self,
        SwappedWeightsKind.self,
        TransposedWeightKind.self,
        RoundedWeightsKind.self,
        PermutedHeadsKind.self,
        ScaledWeightKind.self,
        ChangedElementsKind.self,
    ]

    /// The name and the detail of the first kind that fits; nil where none does.
    static func recognise(_ suspect: Suspect) -> (name: String, detail: String)? {
        for kind in all {
            if let detail = kind.detail(suspect) { return (kind.name, detail) }
        }
        return nil
    }
}
