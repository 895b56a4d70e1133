// Dimensions that the recognised architecture says twice, with different numbers.

import AssayArchitectures
import AssayTensors

/// Compares the model with the specification of its architecture: every contradiction with both witnesses.
public struct SpecificationCheck: Check {
    /// What it finds.
    public static let summary = "dimensions that two places of a known architecture give differently"

    /// A check.
    public init() {}

    /// Contradictions and missing tensors.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        guard let recognition = subject.recognition else { return [] }
        let contradictions = recognition.contradictions.map { contradiction in
            Finding(
                code: "dimension-contradiction", severity: .error, layer: contradiction.layer,
                message: "\(contradiction.dimension) of \(recognition.specification.name) does not hold",
                expected: "\(contradiction.first.value) by \(contradiction.first.place)",
                found: "\(contradiction.second.value) by \(contradiction.second.place)",
                witnesses: [contradiction.first.place, contradiction.second.place])
        }
        let missing = recognition.missing.map { parameter in
            Finding(
                code: "missing-tensor", severity: .error, layer: parameter,
                message: "\(recognition.specification.name) needs this tensor")
        }
        return contradictions + missing
    }
}
