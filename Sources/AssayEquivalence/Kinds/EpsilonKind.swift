// Another epsilon in a normalisation.

import AssayGraph
import AssayOperators
import AssayTensors

/// Two normalisations that differ in their epsilon.
enum EpsilonKind: DifferenceKind {
    static let name = "epsilon"

    static func detail(_ suspect: Suspect) -> String? {
        for (mine, theirs) in suspect.pairs {
            // ONNX writes in Float what Keras writes in Double.
            guard let own = epsilon(mine), let other = epsilon(theirs), Float(own) != Float(other) else { continue }
            return "\(mine.name) has epsilon \(own) for \(other)"
        }
        return nil
    }

    private static func epsilon(_ operation: any Operation) -> Double? {
        switch operation {
        case let normalization as LayerNormalization: normalization.epsilon
        case let normalization as RMSNormalization: normalization.epsilon
        case let normalization as BatchNormalization: normalization.epsilon
        case let normalization as GroupNormalization: normalization.epsilon
        case let normalization as UnitNormalization: normalization.epsilon
        default: nil
        }
    }
}
