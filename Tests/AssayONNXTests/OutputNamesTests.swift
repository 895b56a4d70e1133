// What outputs are called that TensorFlow gave no name.

import Testing

@testable import AssayONNX

@Suite struct OutputNamesTests {
    /// The names of outputs that nodes of these names compute.
    private func names(_ outputs: [(name: String, node: String)]) -> [String] {
        var graph = ONNXGraphProto()
        for (name, node) in outputs {
            var producer = ONNXNodeProto()
            producer.opType = "Add"
            producer.name = node
            producer.output = [name]
            graph.node.append(producer)
            var output = ONNXValueInfoProto()
            output.name = name
            graph.output.append(output)
        }
        return OutputNames.names(of: graph)
    }

    @Test func anOutputWithoutANameHasItsLayers() {
        #expect(names([("Identity:0", "net/head/Add"), ("Identity_1:0", "net/pool/inner/Add")]) == ["head", "pool"])
    }

    @Test func theNumberOfATraceIsNoPartOfAName() {
        #expect(
            names([("Identity", "net_1/head_1/Add"), ("Identity_1", "net_1/dense_2_1/Add")]) == ["head", "dense_2"])
        #expect(names([("Identity", "net_1/head_1/Add"), ("Identity_1", "net_1/tail/Add")]) == ["head_1", "tail"])
    }

    @Test func whatSaysNothingKeepsItsName() {
        #expect(
            names([("Identity:0", "net/head/Add"), ("Identity_1:0", "net/head/Sub")]) == ["Identity:0", "Identity_1:0"])
        #expect(names([("Identity:0", "Add_3")]) == ["Identity:0"])
        #expect(names([("logits", "net/head/Add"), ("Identity_1:0", "net/pool/Add")]) == ["logits", "Identity_1:0"])
    }
}
