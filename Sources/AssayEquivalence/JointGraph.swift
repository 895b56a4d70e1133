// The graph that a comparison runs: both models, copies of them with moved weights, single layers on other inputs, and the
// probes that measure. What is provably the same in several of them is one node, and runs once.
//
// The order in which values are added is the order of the run. So whoever adds a value of A, its counterpart in B and the
// probe behind them, one pair after the other, has the models run in lock step, and the plan's arena holds no value for
// longer than until it is compared.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// One model, or a part of it, in a joint graph.
struct Strand {
    /// The model.
    let side: Side
    /// Whether it is A or B: stored tensors of both may have the same name.
    let mark: String
    /// Moves the stored values; nil for those of the file.
    let adjustment: PreparedParameters<Double>.Adjustment?
    /// The values that are in the joint graph already. Whatever is put here is not computed: that is how a layer gets other
    /// inputs.
    var placed: [ValueID: ValueID] = [:]

    init(_ side: Side, mark: String, adjustment: PreparedParameters<Double>.Adjustment? = nil) {
        self.side = side
        self.mark = mark
        self.adjustment = adjustment
    }

    /// The nodes that have to be added for `value`, in topological order.
    fileprivate func missingNodes(for value: ValueID) -> [NodeID] {
        var needed: Set<NodeID> = []
        var open = [value]
        while let next = open.popLast() {
            guard placed[next] == nil, let node = side.graph[next].producer, needed.insert(node).inserted else {
                continue
            }
            open += side.graph[node].operands.compactMap { $0 }
        }
        return needed.sorted()
    }
}

/// A joint graph in the making.
struct JointGraph {
    private enum Key: Hashable {
        case stored(ValueClass, ElementType)
        case node(OperationKey, [ValueID?])
        case layer(mark: String, LayerID)
    }

    /// What a product multiplies by.
    private struct Factor: Hashable {
        let operation: Linear
        let kernel: ValueID?
        let bias: ValueID?
    }

    private struct Moved {
        let adjustment: PreparedParameters<Double>.Adjustment
        let stored: StoredValue
    }

    private var builder = GraphBuilder(rootClassName: "Comparison")
    private var tensors: OrderedDictionary<String, Tensor> = [:]
    private var stored: [Key: ValueID] = [:]
    private var results: [Key: [ValueID]] = [:]
    private var layers: [Key: LayerID] = [:]
    private var moved: [StoredValue: Moved] = [:]
    /// A's last product with each factor.
    private var products: [Factor: (x: ValueID, result: ValueID)] = [:]
    /// Whether a product of B is that of A where both turn out to multiply the same numbers. A's stays in memory until then, so
    /// the two should come up one after the other.
    var recallsProducts = false

    /// The shape of a value that was added.
    func shape(of value: ValueID) -> Shape? { builder[value].knownShape }

    /// Adds a value that is fed.
    mutating func addInput(_ type: ElementType, _ shape: Shape) -> ValueID {
        builder.addInput(name: "input", fact: Fact(type, shape))
    }

    /// Adds a value that is known.
    mutating func add(constant tensor: Tensor) -> ValueID { builder.addConstant(tensor) }

    /// Adds a value of a strand, and all that it depends on.
    ///
    /// - Throws: an operator's error when shapes do not fit; `AssayError.notRunnable` for what is not placed and has no node.
    mutating func add(_ value: ValueID, of strand: inout Strand) throws(AssayError) -> ValueID {
        for node in strand.missingNodes(for: value) { try add(node, of: &strand) }
        return try place(value, of: &strand)
    }

    /// Adds `value` under another shape of as many elements.
    mutating func add(reshaping value: ValueID, to shape: Shape) throws(AssayError) -> ValueID {
        guard self.shape(of: value) != shape else { return value }
        return try add(Reshape(shape.extents.map { .fixed($0) }), [value])
    }

    /// Adds an operator of one result over values that are there.
    mutating func add(_ operation: any Operator, _ operands: [ValueID]) throws(AssayError) -> ValueID {
        let key = Key.node(OperationKey(operation: operation), operands)
        if let known = results[key] { return known[0] }
        let added = try builder.add(operation, operands)
        results[key] = added
        return added[0]
    }

    /// The graph with its stored values.
    func model() -> Model {
        Model(
            name: "comparison", graph: builder.graph, parameters: builder.parameters, tensors: tensors,
            provenance: Provenance(dialect: "comparison", path: ""))
    }

    /// Moves the stored values of those strands that ask for it.
    var adjustment: PreparedParameters<Double>.Adjustment? {
        guard !moved.isEmpty else { return nil }
        let moved = moved
        return .init(isElementwise: moved.values.allSatisfy(\.adjustment.isElementwise)) {
            stored, type, first, values in
            if let found = moved[stored] { found.adjustment.change(found.stored, type, first, values) }
        }
    }

    // MARK: Single values and nodes

    /// A value that is there already, or is stored.
    private mutating func place(_ value: ValueID, of strand: inout Strand) throws(AssayError) -> ValueID {
        if let known = strand.placed[value] { return known }
        let original = strand.side.graph[value]
        let isMoved = strand.adjustment != nil && original.fact.type.isFloatingPoint
        let key = storedKey(value, of: strand)
        if !isMoved, let key, let known = stored[key] {
            strand.placed[value] = known
            return known
        }
        let added: ValueID
        switch original.origin {
        case .parameter(let parameter): added = add(parameter, as: original.fact, of: strand, isMoved: isMoved)
        case .constant(let tensor):
            added = builder.addConstant(tensor)
            if isMoved, let adjustment = strand.adjustment {
                moved[.constant(added)] = Moved(adjustment: adjustment, stored: .constant(value))
            }
        case .input(let name): throw AssayError(.notRunnable, "the input \(name) is not given")
        case .node: preconditionFailure("nodes are added in topological order")
        }
        strand.placed[value] = added
        if !isMoved, let key { stored[key] = added }
        return added
    }

    /// Under which a value is known that both models may have stored; nil for other values.
    private func storedKey(_ value: ValueID, of strand: Strand) -> Key? {
        guard strand.side.isStored(value) else { return nil }
        return strand.side.proven[value.index].map { .stored($0, strand.side.graph[value].fact.type) }
    }

    private mutating func add(
        _ parameter: ParameterID, as fact: Fact, of strand: Strand, isMoved: Bool
    ) -> ValueID {
        var copy = strand.side.model[parameter]
        for name in copy.sources { tensors["\(strand.mark)/\(name)"] = strand.side.model.tensors[name] }
        copy.sources = copy.sources.map { "\(strand.mark)/\($0)" }
        copy.layer = builder.graph.root
        let added = builder.addParameter(copy)
        if isMoved, let adjustment = strand.adjustment {
            moved[.parameter(added)] = Moved(adjustment: adjustment, stored: .parameter(parameter))
        }
        return builder.value(of: added, declaredAs: fact)
    }

    private mutating func add(_ id: NodeID, of strand: inout Strand) throws(AssayError) {
        let node = strand.side.graph[id]
        var operands: [ValueID?] = []
        for operand in node.operands {
            guard let operand else {
                operands.append(nil)
                continue
            }
            operands.append(try place(operand, of: &strand))
        }
        let key = strand.adjustment == nil ? node.results.first.flatMap { storedKey($0, of: strand) } : nil
        let added: [ValueID]
        if let known = key.flatMap({ stored[$0] }) {
            added = [known]
        } else {
            added = try add(node, operands, of: strand)
            if let key { stored[key] = added[0] }
        }
        for (original, added) in zip(node.results, added) where strand.placed[original] == nil {
            strand.placed[original] = added
        }
    }

    /// The results of a node; those of another that does the same to the same operands, where there is one.
    private mutating func add(
        _ node: Node, _ operands: [ValueID?], of strand: Strand
    ) throws(AssayError) -> [ValueID] {
        let areSame = operands.allSatisfy { $0 == operands.first }
        if node.results.count == 1, let passed = node.operation.passedOperand(operandsAreSame: areSame),
            operands.indices.contains(passed), let found = operands[passed]
        {
            return [found]
        }
        let sorted = node.operation.isCommutative ? operands.sorted { ($0?.index ?? -1) < ($1?.index ?? -1) } : operands
        let key = Key.node(OperationKey(operation: node.operation), sorted)
        if let known = results[key] { return known }
        let call = builder.beginCall(of: layer(node.layer, of: strand), inputs: [], number: 0)
        let added: [ValueID]
        if recallsProducts, let linear = node.operation as? Linear {
            added = try add(linear, operands, of: strand)
        } else {
            added = try builder.add(node.operation, operands)
        }
        builder.endCall(call, outputs: [])
        results[key] = added
        return added
    }

    /// A product; one of B may be A's with the same factor.
    private mutating func add(
        _ linear: Linear, _ operands: [ValueID?], of strand: Strand
    ) throws(AssayError) -> [ValueID] {
        let bias = operands.count > 2 ? operands[2] : nil
        let factor = Factor(operation: linear, kernel: operands[1], bias: bias)
        guard strand.mark == "a" else {
            guard let x = operands[0], let known = products[factor], shape(of: known.x) == shape(of: x) else {
                return try builder.add(linear, operands)
            }
            return try builder.add(
                RecalledLinear(linear: linear), [x, operands[1], bias, known.x, known.result])
        }
        let added = try builder.add(linear, operands)
        if strand.adjustment == nil, let x = operands[0] { products[factor] = (x, added[0]) }
        return added
    }

    /// The layer that errors name.
    private mutating func layer(_ id: LayerID, of strand: Strand) -> LayerID {
        let key = Key.layer(mark: strand.mark, id)
        if let known = layers[key] { return known }
        let original = strand.side.graph[id]
        let added = builder.addLayer(name: original.path, className: original.className, in: builder.graph.root)
        layers[key] = added
        return added
    }
}

/// Runs joint graphs.
extension JointGraph {
    /// How many bytes of converted weights a run keeps: those that both models and their copies use one after the other.
    private static let cacheLimit = 1 << 26

    /// The values `wanted`, given what is fed.
    ///
    /// - Throws: as a run does.
    func run<Scalar: FastScalar>(
        _: Scalar.Type, feeding feeds: [ValueID: Tensor], wanted: [ValueID], threads: ThreadPool
    ) throws(AssayError) -> [ValueID: Tensor] {
        var values: [ValueID: Tensor] = [:]
        try run(Scalar.self, feeding: feeds, wanted: wanted, threads: threads) { (value, tensor) throws(AssayError) in
            values[value] = Tensor(copying: tensor)
        }
        return values
    }

    /// Shows each of `wanted` as soon as it is computed, given what is fed.
    ///
    /// - Throws: as a run does.
    func run<Scalar: FastScalar>(
        _: Scalar.Type, feeding feeds: [ValueID: Tensor], wanted: [ValueID], threads: ThreadPool,
        observe: FastExecutor<Scalar>.Observer
    ) throws(AssayError) {
        guard !wanted.isEmpty else { return }
        let model = model()
        let plan = try Plan(builder.graph, feeds: feeds.mapValues(\.shape), wanted: wanted)
        let parameters = PreparedParameters<Scalar>(
            model, adjust: adjustment(for: Scalar.self), cacheLimit: JointGraph.cacheLimit, releasesPages: true)
        try FastExecutor(plan, parameters: parameters, threads: threads).run(feeds, observe: observe)
    }

    /// Only Double runs move weights.
    private func adjustment<Scalar: FastScalar>(for _: Scalar.Type) -> PreparedParameters<Scalar>.Adjustment? {
        guard Scalar.self == Double.self, let adjustment else { return nil }
        return .init(isElementwise: adjustment.isElementwise) { stored, type, first, values in
            values.withMemoryRebound(to: Double.self) { adjustment.change(stored, type, first, $0) }
        }
    }
}
