// Tensors that stand in a checkpoint twice because they are tied, and are not the same.

import AssayArchitectures
import AssayTensors

/// Compares tied tensors: an output layer that is the embedding, variables that several layers of TensorFlow reach.
public struct TwinCheck: Check {
    /// What it finds.
    public static let summary = "tied tensors that stand in the file twice and differ"

    /// A check.
    public init() {}

    /// One error for each pair that differs: the model would compute with the owner, whatever the twin holds.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        var findings: [Finding] = []
        for (twin, owner) in subject.recognition?.checkpoint?.twins ?? [] {
            guard let first = subject.model.tensors[twin], let second = subject.model.tensors[owner],
                first.shape == second.shape, try !first.isBitEqual(to: second, isLastUse: true)
            else { continue }
            findings.append(
                Finding(
                    code: "tied-tensors-differ", severity: .error, layer: twin,
                    message: "is tied to \(owner), and has other values", witnesses: [twin, owner]))
        }
        return findings
    }
}
