// What the reader could not fit together: shapes that contradict each other along an edge, weights that do not fit.

import AssayGraph
import AssayTensors

/// Reports the defects that reading found: the shape rule of every operator is applied to every edge there.
public struct DefectCheck: Check {
    /// What it finds.
    public static let summary = "shapes that contradict each other along an edge, and weights that do not fit"

    /// A check.
    public init() {}

    /// One error for each defect.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        subject.model.defects.map { defect in
            Finding(
                code: "shape-mismatch", severity: .error, layer: defect.layer, message: defect.error.message,
                expected: defect.error.expected, found: defect.error.found,
                witnesses: defect.witnesses)
        }
    }
}
