// What the reader could not fit together: shapes that contradict each other along an edge, weights that do not fit.

import AssayArchitectures
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
        // What the architecture says is reported once, by the check of the specification.
        let known = Set(subject.recognition?.defects ?? [])
        return subject.model.defects.filter { !known.contains($0) }.map(Finding.init(_:))
    }
}
