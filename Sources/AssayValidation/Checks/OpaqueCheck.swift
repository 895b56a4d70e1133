// Layers that nobody can run.

import AssayGraph
import AssayTensors

/// Names the layers that stop a run.
public struct OpaqueCheck: Check {
    /// What it finds.
    public static let summary = "layers that cannot be run: custom classes, Lambdas, unknown operators"

    /// A check.
    public init() {}

    /// One note for each opaque node.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        guard let graph = subject.model.graph else { return [] }
        let broken = Set(subject.model.defects.map(\.layer))
        return graph.opaqueNodes.compactMap { id in
            let path = graph[graph[id].layer].path
            guard let opaque = graph[id].operation as? Opaque, !broken.contains(path) else { return nil }
            return Finding(
                code: "opaque-layer", severity: .note, layer: path,
                message: "\(opaque.className) cannot be run: \(opaque.reason)")
        }
    }
}
