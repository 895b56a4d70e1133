// Residual connections that broadcast instead of adding like to like.

import AssayGraph
import AssayOperators
import AssayTensors

/// Looks at additions of two computed values.
public struct ResidualCheck: Check {
    /// What it finds.
    public static let summary = "additions of two computed values whose widths differ"

    /// A check.
    public init() {}

    /// One warning for each addition that stretches its last axis.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        guard let graph = subject.model.graph else { return [] }
        return graph.nodes.compactMap { node in
            guard let binary = node.operation as? Binary, binary.function == .add else { return nil }
            let operands = node.operands.compactMap { $0 }.filter { graph[$0].producer != nil }
            let widths = operands.compactMap { graph[$0].fact.shape?.last?.value }
            guard operands.count == 2, widths.count == 2, widths[0] != widths[1],
                operands.allSatisfy({ (graph[$0].fact.rank ?? 0) >= 2 })
            else { return nil }
            return Finding(
                code: "residual-shape", severity: .warning, layer: graph[node.layer].path,
                message: "a residual connection stretches its last axis", expected: String(widths.max() ?? 0),
                found: String(widths.min() ?? 0),
                witnesses: operands.map { graph.description(of: $0) })
        }
    }
}
