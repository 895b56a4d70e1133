// Another padding of a convolution or a pooling.

import AssayOperators

/// Two windows that pad their input differently, or count the padding differently.
enum PaddingKind: DifferenceKind {
    static let name = "padding"

    static func detail(_ suspect: Suspect) -> String? {
        for (mine, theirs) in suspect.pairs(Convolution.self) where mine.padding != theirs.padding {
            return "\(mine.padding) for \(theirs.padding)"
        }
        for (mine, theirs) in suspect.pairs(DepthwiseConvolution.self) where mine.padding != theirs.padding {
            return "\(mine.padding) for \(theirs.padding)"
        }
        for (mine, theirs) in suspect.pairs(Pooling.self) {
            if mine.padding != theirs.padding { return "\(mine.padding) for \(theirs.padding)" }
            if mine.countsPadding != theirs.countsPadding {
                return mine.countsPadding ? "A counts the padding" : "B counts the padding"
            }
        }
        return nil
    }
}
