// What the outputs are called. TensorFlow calls the results of a traced function Identity, Identity_1, …, which says
// nothing; exporters of Keras leave it so.

/// Names for the outputs of a graph, in their order.
struct OutputNames {
    private let producers: [String: ONNXNodeProto]

    /// The names of a graph's outputs: their own, or where TensorFlow named them the names of the layers that compute them, as
    /// their nodes say it; their own where two would have one name.
    static func names(of graph: ONNXGraphProto) -> [String] {
        let own = graph.output.map(\.name)
        guard own.allSatisfy(isAnonymous) else { return own }
        let names = OutputNames(graph)
        let layers = names.layers(of: own)
        let known = layers.compactMap { $0 }
        return Set(known).count == own.count ? known : own
    }

    private init(_ graph: ONNXGraphProto) {
        var producers: [String: ONNXNodeProto] = [:]
        for node in graph.node {
            for output in node.output { producers[output] = node }
        }
        self.producers = producers
    }

    /// `Identity`, `Identity_1`, also with the `:0` of a tensor.
    private static func isAnonymous(_ name: String) -> Bool {
        let function = name.hasSuffix(":0") ? name.dropLast(2) : name[...]
        guard function.hasPrefix("Identity") else { return false }
        let number = function.dropFirst("Identity".count)
        return number.isEmpty || number.hasPrefix("_") && number.dropFirst().allSatisfy(\.isNumber)
    }

    /// The layer of each output: the second scope of its node's name, behind the model's. TensorFlow numbers the scopes of
    /// a model that it traces again; a number that the model and all these layers have is no part of their names.
    private func layers(of outputs: [String]) -> [String?] {
        let scopes = outputs.map { self.scopes(of: $0) }
        let named = scopes.filter { $0.count > 1 }
        guard let model = named.first?[0], named.allSatisfy({ $0[0] == model }) else { return outputs.map { _ in nil } }
        let number = model.lastIndex(of: "_").map { model[$0...] }
            .flatMap { end in end.dropFirst().allSatisfy(\.isNumber) && end.count > 1 ? String(end) : nil }
        let trace = number.flatMap { end in named.allSatisfy { $0[1].hasSuffix(end) } ? end : nil } ?? ""
        return scopes.map { $0.count > 1 ? String($0[1].dropLast(trace.count)) : nil }
    }

    /// The scopes of the node that computes an output; a node that only hands it on is passed over.
    private func scopes(of output: String) -> [String] {
        guard var node = producers[output] else { return [] }
        if node.opType == "Identity", let input = node.input.first, let before = producers[input] { node = before }
        return RegionTree(isPyTorch: false).scopes(of: node.name)
    }
}
