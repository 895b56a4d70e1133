// The plan of a run: which nodes, in which order, with which shapes, and when each value is used for the last time. Made once
// for a graph and the shapes of what is fed; every way of running follows it.

import AssayGraph
import AssayOperators
import AssayTensors

/// What is run, in which order, on which shapes.
///
/// Any values may be fed and any may be wanted: a whole model is fed its inputs and asked for its outputs; one layer alone
/// is fed what enters it. Nodes that nothing wanted depends on are left out, and so are results that nobody takes.
public struct Plan: Sendable {
    /// One node at its turn.
    public struct Step: Sendable {
        /// The node.
        public let node: NodeID
        /// Its operator.
        public let operation: any Operator
        /// The operands in the operator's order; nil where one is left out.
        public let operands: [ValueID?]
        /// The results in the operator's order; nil where nobody takes one.
        public let results: [ValueID?]
        /// Whether result 0 is operand 0 under another shape, in the same memory.
        public let isAlias: Bool
        /// The values that nothing after this step takes.
        public internal(set) var lastUses: [ValueID] = []
    }

    /// Where a value comes from that no step computes.
    public enum Source: Sendable {
        /// The caller feeds it.
        case fed
        /// The model's parameter.
        case parameter(ParameterID)
        /// A constant of the graph.
        case constant(Tensor)
        /// Integers that follow from the shapes alone.
        case literal([Int])
    }

    /// The graph.
    public let graph: Graph
    /// The values that are asked for, each once, in the order of the request.
    public let wanted: [ValueID]
    /// The steps in the order of the run.
    public let steps: [Step]
    /// Where each value comes from that no step computes.
    public let sources: [ValueID: Source]
    /// The shape of each value that takes part.
    public let shapes: [ValueID: Shape]

    /// Plans the nodes that `wanted` needs, given values of these shapes.
    ///
    /// - Throws: `AssayError.notRunnable` when an opaque operator is needed, naming it, or a shape depends on values;
    ///   `AssayError.usage` when an input is needed and not fed; the operator's own error when shapes do not fit.
    public init(_ graph: Graph, feeds: [ValueID: Shape], wanted: [ValueID]) throws(AssayError) {
        var draft = PlanDraft(graph: graph, feeds: feeds)
        try draft.infer(draft.nodes(neededFor: wanted))
        // Again, now that shape arithmetic has become literals: what computed them is not needed any more.
        let nodes = draft.nodes(neededFor: wanted)
        self.graph = graph
        var seen: Set<ValueID> = []
        self.wanted = wanted.filter { seen.insert($0).inserted }
        steps = try draft.steps(nodes, wanted: seen)
        let taken = seen.union(steps.flatMap { $0.operands.compactMap { $0 } })
        sources = try draft.sources(of: taken)
        shapes = try draft.shapes(of: taken.union(steps.flatMap { $0.results.compactMap { $0 } }))
    }

    /// Plans a whole model, its inputs in the graph's order with these shapes.
    ///
    /// - Throws: as the general initialiser.
    public init(_ graph: Graph, inputs: [Shape], recording: [ValueID] = []) throws(AssayError) {
        precondition(inputs.count == graph.inputs.count, "a shape for each input")
        let feeds = Dictionary(zip(graph.inputs.map(\.value), inputs)) { first, _ in first }
        try self.init(graph, feeds: feeds, wanted: recording + graph.outputs.map(\.value))
    }

    /// The element type of a value.
    public func type(of value: ValueID) -> ElementType { graph[value].fact.type }

    /// The shape of a value that takes part.
    func shape(of value: ValueID) -> Shape {
        guard let shape = shapes[value] else { preconditionFailure("the plan knows every value that takes part") }
        return shape
    }

    /// Multiply–adds of one run.
    public var multiplyAdds: Int {
        steps.reduce(0) { total, step in
            let operands = step.operands.map { $0.flatMap { shapes[$0] } }
            let results = graph[step.node].results.compactMap { shapes[$0] }
            return total &+ step.operation.multiplyAdds(operands, results)
        }
    }
}
