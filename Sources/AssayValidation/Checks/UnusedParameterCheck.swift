// Parameters that nothing uses.

import AssayGraph
import AssayTensors

/// Looks for parameters that no node takes: weights that were loaded and do nothing.
public struct UnusedParameterCheck: Check {
    /// What it finds.
    public static let summary = "parameters that no operator takes"

    /// A check.
    public init() {}

    /// One note for each.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        guard let graph = subject.model.graph else { return [] }
        var used: Set<ParameterID> = []
        for node in graph.nodes {
            for operand in node.operands.compactMap({ $0 }) {
                if case .parameter(let parameter) = graph[operand].origin { used.insert(parameter) }
            }
        }
        return subject.model.parameters.indices.filter { !used.contains(ParameterID($0)) }.map { index in
            Finding(
                code: "unused-parameter", severity: .note, layer: subject.model.parameters[index].path,
                message: "no operator takes this parameter")
        }
    }
}
