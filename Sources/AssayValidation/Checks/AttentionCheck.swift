// Attention layers whose configuration and kernels disagree about heads and widths.

import AssayGraph
import AssayOperators
import AssayTensors

/// Compares the heads that an attention computes with those that its layer's configuration names.
public struct AttentionCheck: Check {
    /// What it finds.
    public static let summary = "heads and head widths that the configuration and the kernels give differently"

    /// A check.
    public init() {}

    /// Errors for contradictions, warnings for an unusual scale.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        guard let graph = subject.model.graph else { return [] }
        var findings: [Finding] = []
        for node in graph.nodes {
            guard let attention = node.operation as? Attention, let query = node.operands.first ?? nil,
                let shape = graph[query].fact.shape, shape.count == 4
            else { continue }
            let layer = graph[node.layer]
            findings += compare("num_heads", shape[2], layer)
            findings += compare("key_dim", shape[3], layer)
            if let width = shape[3].value, width > 0 {
                findings += scaleFinding(attention.scale, width, layer)
            }
        }
        return findings
    }

    private func compare(_ key: String, _ extent: Dimension, _ layer: Layer) -> [Finding] {
        guard let declared = layer.configuration?[key]?.integer, let found = extent.value, declared != found else {
            return []
        }
        return [
            Finding(
                code: "attention-shape", severity: .error, layer: layer.path,
                message: "\(key) and the query kernel disagree", expected: String(declared), found: String(found),
                witnesses: ["\(layer.path): \(key)", "\(layer.path): query/kernel"])
        ]
    }

    private func scaleFinding(_ scale: Double, _ width: Int, _ layer: Layer) -> [Finding] {
        let usual = 1 / Double(width).squareRoot()
        // Some architectures leave the scale out on purpose; anything else is hardly meant.
        guard (scale - usual).magnitude > 1e-6 * usual, scale != 1 else { return [] }
        return [
            Finding(
                code: "attention-scale", severity: .note, layer: layer.path,
                message: "scores are not divided by the root of the head width", expected: "\(usual)",
                found: "\(scale)")
        ]
    }
}
