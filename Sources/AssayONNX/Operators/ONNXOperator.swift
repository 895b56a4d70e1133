// What Assay knows of one operator of ONNX.

import AssayGraph
import AssayTensors

/// One operator of ONNX: how a node of it is lowered to operators of the graph.
public struct ONNXOperator: Sendable {
    /// Lowers a node: adds operators to the graph and gives the node's outputs in order.
    typealias Lowering = @Sendable (ONNXCall) throws(AssayError) -> [ValueID]

    /// The name, as nodes say it.
    public let name: String
    /// The domain; empty for ONNX's own.
    public let domain: String
    /// Lowers a node of it.
    let lower: Lowering

    init(_ name: String, domain: String = "", _ lower: @escaping Lowering) {
        self.name = name
        self.domain = domain
        self.lower = lower
    }

    /// What nodes and functions are found by.
    var key: String { ONNXOperator.key(name, domain: domain) }

    /// The name with its domain in front, where that is not ONNX's own.
    static func key(_ name: String, domain: String) -> String {
        let domain = ONNXOperator.domain(domain)
        return domain.isEmpty ? name : "\(domain):\(name)"
    }

    /// The domain under its usual name: ONNX's own has two.
    static func domain(_ name: String) -> String { name == "ai.onnx" ? "" : name }
}
