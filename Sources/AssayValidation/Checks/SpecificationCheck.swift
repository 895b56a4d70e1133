// What the recognised architecture says, and the model does not keep.

import AssayArchitectures
import AssayGraph
import AssayTensors

/// Compares the model with the specification of its architecture: dimensions that two places give differently, each with
/// both witnesses, and tensors that are missing or have another shape.
public struct SpecificationCheck: Check {
    /// What it finds.
    public static let summary =
        "dimensions that two places of a known architecture give differently, and missing tensors"

    /// A check.
    public init() {}

    /// One error for each.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        (subject.recognition?.defects ?? []).map(Finding.init(_:))
    }
}

extension Finding {
    /// An error for a defect.
    init(_ defect: Defect) {
        self.init(
            code: defect.code, severity: .error, layer: defect.layer, message: defect.error.message,
            expected: defect.error.expected, found: defect.error.found, witnesses: defect.witnesses)
    }
}
