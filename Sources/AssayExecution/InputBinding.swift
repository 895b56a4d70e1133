// Which of the given tensors is which input of the model.

import AssayGraph
import AssayTensors
import OrderedCollections

/// The rules by which the entries of a file become the inputs of a model: by name, by index, or in order where the names say
/// nothing and types and shapes fit.
struct InputBinding {
    let graph: Graph
    /// The given tensors by name, `in/` taken off; those that are no inputs (`out/…`, `layer/…`) are ignored.
    private var given: OrderedDictionary<String, Tensor> = [:]
    private var bound: [ValueID: Tensor] = [:]

    /// The tensor of each input.
    ///
    /// - Throws: `AssayError.usage` that lists what the model wants, when they do not fit.
    static func bind(
        _ given: OrderedDictionary<String, Tensor>, to graph: Graph
    ) throws(AssayError) -> [ValueID: Tensor] {
        var binding = InputBinding(graph: graph, given: given)
        binding.bindByName()
        binding.bindByOrder()
        return try binding.result()
    }

    private init(graph: Graph, given: OrderedDictionary<String, Tensor>) {
        self.graph = graph
        for (name, tensor) in given where !name.hasPrefix("out/") && !name.hasPrefix("layer/") {
            self.given[name.hasPrefix("in/") ? String(name.dropFirst(3)) : name] = tensor
        }
    }

    /// By name; what is left by its number among the inputs.
    private mutating func bindByName() {
        for port in graph.inputs {
            if let tensor = given.removeValue(forKey: port.name) { bound[port.value] = tensor }
        }
        for (index, port) in graph.inputs.enumerated() where bound[port.value] == nil {
            if let tensor = given.removeValue(forKey: String(index)) { bound[port.value] = tensor }
        }
    }

    /// In order, when as many are left on both sides and each fits.
    private mutating func bindByOrder() {
        // An input that may be left out is not what a wrong name means.
        let missing = graph.inputs.filter { bound[$0.value] == nil && ($0.fill == nil || bound.isEmpty) }
        guard !missing.isEmpty, missing.count == given.count else { return }
        let pairs = Array(zip(missing, given.values))
        guard pairs.allSatisfy({ fits($1, $0) }) else { return }
        for (port, tensor) in pairs { bound[port.value] = tensor }
        given = [:]
    }

    private func fits(_ tensor: Tensor, _ port: Port) -> Bool {
        graph[port.value].fact.admits(tensor.shape.dimensions)
    }

    /// Tensors for inputs that may be left out and are, where those that are given say how large they must be.
    private func fills() -> [ValueID: Tensor] {
        var extents: [Dimension: Int] = [:]
        for port in graph.inputs {
            guard let tensor = bound[port.value], let declared = graph[port.value].fact.shape else { continue }
            for (extent, found) in zip(declared, tensor.shape.extents) { extents[extent] = found }
        }
        var fills: [ValueID: Tensor] = [:]
        for port in graph.inputs where bound[port.value] == nil {
            let fact = graph[port.value].fact
            guard let fill = port.fill, let declared = fact.shape else { continue }
            let found = declared.compactMap { $0.value ?? extents[$0] }
            guard found.count == declared.count, let shape = try? Shape(checking: found) else { continue }
            let tensor =
                fact.type.isInteger
                ? Tensor([Int64](repeating: Int64(fill), count: shape.count), shape: shape)
                : Tensor([Float](repeating: Float(fill), count: shape.count), shape: shape)
            fills[port.value] = tensor
        }
        return fills
    }

    private mutating func result() throws(AssayError) -> [ValueID: Tensor] {
        let fills = fills()
        for port in graph.inputs {
            if bound[port.value] == nil, let fill = fills[port.value] {
                bound[port.value] = fill
                continue
            }
            guard let tensor = bound[port.value] else { throw error("the input \(port.name) is not given") }
            guard fits(tensor, port) else {
                throw error(
                    "the input \(port.name) has another shape", found: "\(tensor.type.displayName) [\(tensor.shape)]")
            }
        }
        if let name = given.keys.first { throw error("the model has no input \(name)") }
        return bound
    }

    private func error(_ message: String, found: String? = nil) -> AssayError {
        let ports = graph.inputs.map { port in
            let fact = graph[port.value].fact
            return "\(port.name) \(fact.type.displayName) \(fact.shape?.text ?? "[…]")"
        }
        let rest = given.map { "\($0.key) \($0.value.type.displayName) [\($0.value.shape)]" }
        return .usage(
            message, expected: ports.joined(separator: "; "),
            found: found ?? (rest.isEmpty ? "nothing" : rest.joined(separator: "; ")),
            hint: "inputs are entries in/NAME (or NAME) of an NPZ file; --random SEED makes some up")
    }
}
