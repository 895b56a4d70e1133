// Position tables that are too short for the sequences that reach them.

import AssayGraph
import AssayOperators
import AssayTensors

/// Looks at embeddings whose ids the graph itself knows: positions.
public struct PositionTableCheck: Check {
    /// What it finds.
    public static let summary = "position tables that are shorter than the sequence"

    /// A check.
    public init() {}

    /// One error for each table with too few rows.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        guard let graph = subject.model.graph else { return [] }
        return graph.nodes.compactMap { node in
            guard node.operation is Embedding, node.operands.count >= 2, let ids = node.operands[0],
                let table = node.operands[1], let rows = graph[table].fact.shape?.first?.value,
                let positions = graph[ids].fact.integers?.compactMap(\.value), let last = positions.max(), last >= rows
            else { return nil }
            return Finding(
                code: "position-table", severity: .error, layer: graph[node.layer].path,
                message: "the position table is shorter than the sequence", expected: "at least \(last + 1) rows",
                found: "\(rows)", witnesses: [graph.description(of: ids), graph.description(of: table)])
        }
    }
}
