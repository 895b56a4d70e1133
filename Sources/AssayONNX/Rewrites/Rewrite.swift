// Patterns of elementary nodes become the operators that they stand for.

import AssayGraph
import AssayTensors

/// One pattern of elementary nodes. It must not change a number beyond rounding.
protocol Rewrite: Sendable {
    /// What stands in place of `node`, where it is the last of the pattern.
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement?
}

/// All rewrites, in the order in which they are applied.
enum Rewrites {
    static let all: [any Rewrite.Type] = [
        SelectionRewrite.self,
        NegativeIndexRewrite.self,
        EmbeddingRewrite.self,
        LayerNormalizationRewrite.self,
        RMSNormalizationRewrite.self,
        GeluRewrite.self,
        SiluRewrite.self,
        LinearRewrite.self,
        HiddenScoreRewrite.self,
        AttentionRewrite.self,
    ]

    /// The graph with every pattern raised.
    ///
    /// - Throws: an operator's error when a replacement does not fit, which is a fault of the rewrite.
    static func apply(to elementary: ElementaryGraph) throws(AssayError) -> ElementaryGraph {
        var result = elementary
        for rewrite in all {
            let pattern = PatternGraph(result)
            var replacements: [NodeID: Replacement] = [:]
            for node in pattern.graph.nodeIDs {
                replacements[node] = rewrite.replacement(for: node, in: pattern)
            }
            if !replacements.isEmpty { result = try GraphRebuilder(result, replacing: replacements).rebuilt() }
        }
        return result
    }
}
