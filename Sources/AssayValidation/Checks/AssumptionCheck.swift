// What reading a checkpoint had to assume.

import AssayArchitectures
import AssayTensors

/// Says what names were read otherwise than they stand, what no configuration said, and what else the tensors could be.
public struct AssumptionCheck: Check {
    /// What it finds.
    public static let summary = "names that were read otherwise, and what no configuration says"

    /// A check.
    public init() {}

    /// Notes.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        guard let checkpoint = subject.recognition?.checkpoint else { return [] }
        func note(_ code: String, _ message: String, _ witnesses: [String] = []) -> Finding {
            Finding(code: code, severity: .note, layer: "", message: message, witnesses: witnesses)
        }
        var notes = checkpoint.remarks.map { note("names-differ", $0) }
        if !checkpoint.assumed.isEmpty {
            notes.append(
                note("assumed-settings", "no config.json says these, the usual is assumed", checkpoint.assumed))
        }
        if !checkpoint.alternatives.isEmpty {
            notes.append(
                note("ambiguous-architecture", "the tensors could also be those of others", checkpoint.alternatives))
        }
        return notes
    }
}
