// A graph as the file has it, node by node, with what rewrites need to know of each node.

import AssayGraph
import AssayTensors

/// The node of the file that a node of the graph comes from.
struct NodeOrigin: Hashable {
    /// The operator, with its domain where that is not ONNX's own.
    let type: String
    /// The node's name; its first output's where it has none.
    let name: String
}

/// A graph under construction, and for each of its nodes the place among the layers and the origin.
struct ElementaryGraph {
    /// The graph and its parameters.
    var builder: GraphBuilder
    /// The place of each node; `NodeID` counts in here.
    private(set) var chains: [RegionChain] = []
    /// What each node comes from: one node of the file, or all those that were raised to it.
    private(set) var origins: [[NodeOrigin]] = []

    /// Nothing but a root.
    init(rootClassName: String, configuration: JSON? = nil) {
        builder = GraphBuilder(rootClassName: rootClassName, configuration: configuration)
    }

    /// Adds a node at its place.
    ///
    /// - Throws: the operator's error when the operands do not fit.
    mutating func add(
        _ operation: any Operation, _ operands: [ValueID?], at chain: RegionChain, from origins: [NodeOrigin]
    ) throws(AssayError) -> [ValueID] {
        guard let place = chain.last else { preconditionFailure("a chain begins at the root") }
        let open =
            place.layer == builder.graph.root
            ? nil : builder.beginCall(of: place.layer, inputs: [], number: place.call)
        defer { if let open { builder.endCall(open, outputs: []) } }
        let results = try builder.add(operation, operands)
        chains.append(chain)
        self.origins.append(origins)
        return results
    }

    /// Says of each call of each layer what enters and leaves it: values that are made outside and used inside, and the
    /// other way round. Numbers of shapes do not count where reals leave as well.
    mutating func closeRegions() {
        let graph = builder.graph
        var inputs: [RegionCall: [ValueID]] = [:]
        var outputs: [RegionCall: [ValueID]] = [:]
        var seen: Set<Crossing> = []
        func cross(_ value: ValueID, _ call: RegionCall, isEntry: Bool) {
            guard call.layer != graph.root, seen.insert(Crossing(value: value, call: call, isEntry: isEntry)).inserted
            else { return }
            if isEntry { inputs[call, default: []].append(value) } else { outputs[call, default: []].append(value) }
        }
        for id in graph.nodeIDs {
            let chain = chains[id.index]
            for operand in graph[id].operands.compactMap({ $0 }) {
                switch graph[operand].origin {
                case .parameter, .constant: continue
                case .input: for call in chain { cross(operand, call, isEntry: true) }
                case .node(let producer, _):
                    let origin = chains[producer.index]
                    for call in chain where !origin.contains(call) { cross(operand, call, isEntry: true) }
                    for call in origin where !chain.contains(call) { cross(operand, call, isEntry: false) }
                }
            }
        }
        for port in graph.outputs {
            guard let producer = graph[port.value].producer else { continue }
            for call in chains[producer.index] { cross(port.value, call, isEntry: false) }
        }
        for call in Set(inputs.keys).union(outputs.keys) {
            let leaving = outputs[call] ?? []
            let reals = leaving.filter { graph[$0].fact.type.isFloatingPoint }
            let open = builder.beginCall(of: call.layer, inputs: inputs[call] ?? [], number: call.call)
            builder.endCall(open, outputs: (reals.isEmpty ? leaving : reals).sorted())
        }
    }

    /// A value that crosses the border of a layer.
    private struct Crossing: Hashable {
        let value: ValueID
        let call: RegionCall
        let isEntry: Bool
    }
}
