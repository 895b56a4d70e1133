// Tensors of a checkpoint that its class does not use.

import AssayArchitectures
import AssayTensors
import OrderedCollections

/// Looks for stored tensors that are none of the architecture's, or belong to another class of it.
public struct StrangerCheck: Check {
    /// What it finds.
    public static let summary = "tensors that the architecture does not have, or that another head of it would use"

    /// A check.
    public init() {}

    /// A warning for each tensor that is unknown; a note for each module of another head, which transformers leaves aside too.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        guard let recognition = subject.recognition, let checkpoint = recognition.checkpoint else { return [] }
        let unknown = checkpoint.unknown.map { name in
            Finding(
                code: "unknown-tensor", severity: .warning, layer: name,
                message: "\(recognition.specification.name) has no such tensor, and nothing uses it",
                witnesses: ["the architecture \(recognition.specification.name) as \(checkpoint.className)"])
        }
        var modules: OrderedDictionary<String, [String]> = [:]
        for name in checkpoint.unused {
            let module = checkpoint.sketch.naming.place(of: name).modules.first ?? name
            modules[module, default: []].append(name)
        }
        return unknown
            + modules.map { module, names in
                Finding(
                    code: "unused-tensors", severity: .note, layer: module,
                    message: "\(names.count) tensors of another class, which \(checkpoint.className) does not use",
                    witnesses: names)
            }
    }
}
