// Builds the graph of a file: node by node, each lowered to operators that Assay has, constants folded on the way.

import AssayContainers
import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// The graph of a file under construction. A reference type, since functions and bodies of loops add to the same graph.
final class ONNXAssembly {
    /// The file.
    let file: ONNXFile
    /// The graph so far.
    var elementary: ElementaryGraph
    /// Every tensor of the file by name.
    private(set) var tensors: OrderedDictionary<String, Tensor> = [:]
    /// What does not fit together in the file; the nodes that it touches are opaque.
    private(set) var defects: [Defect] = []
    private var regions: RegionTree
    private let operators: [String: ONNXOperator]
    let functions: [String: ONNXFunctionProto]
    private var nodeCount = 0
    /// The elements of folded constants, those of few elements not counted.
    private var foldedCount = 0

    /// The most nodes that functions and loops may grow into.
    private static let maximumNodeCount = 1 << 18
    /// The most elements that folded constants may have together, those of few elements not counted.
    private static let maximumFoldedCount = 1 << 22
    /// How deep functions and bodies may lie in each other.
    static let maximumDepth = 64

    init(_ file: ONNXFile, operators: [ONNXOperator]) {
        self.file = file
        elementary = ElementaryGraph(rootClassName: "ONNX")
        regions = RegionTree(
            isPyTorch: file.message.producerName == "pytorch", names: file.message.graph.node.map(\.name))
        self.operators = Dictionary(operators.map { ($0.key, $0) }) { first, _ in first }
        functions = Dictionary(
            file.message.functions.map { (ONNXOperator.key($0.name, domain: $0.domain), $0) }
        ) { first, _ in first }
    }

    // MARK: The graph of the file

    /// Builds the whole graph: its tensors, inputs, nodes and outputs.
    ///
    /// - Throws: `AssayError.unreadable` for a graph that does not hang together.
    func assemble() throws(AssayError) {
        let graph = file.message.graph
        let place = NodePlace(opsets: ONNXAssembly.opsets(file.message.opsetImport))
        try define(graph.initializer, in: place.scope, prefix: "")
        for input in graph.input where !place.scope.holdsTensor(input.name) {
            try place.scope.define(input.name, as: try addInput(input))
        }
        try build(graph, place)
        for (output, name) in zip(graph.output, OutputNames.names(of: graph)) {
            guard let value = try value(output.name, place) else {
                throw .unreadable("an output that no node computes", object: output.name)
            }
            elementary.builder.addOutput(name: name, value: value)
        }
    }

    static func opsets(_ imports: [ONNXOperatorSetIdProto]) -> [String: Int] {
        Dictionary(
            imports.map { (ONNXOperator.domain($0.domain), Int(clamping: $0.version)) }
        ) { $1 }
    }

    private func addInput(_ input: ONNXValueInfoProto) throws(AssayError) -> ValueID {
        guard let declared = try input.fact() else {
            throw .unreadable("an input of a type that is not known here", object: input.name)
        }
        let shape = declared.shape?.enumerated().map { axis, extent -> Dimension in
            if extent.hasDimValue { return .known(Int(extent.dimValue)) }
            return .symbolic(extent.dimParam.isEmpty ? "\(input.name).\(axis)" : extent.dimParam)
        }
        return elementary.builder.addInput(name: input.name, fact: Fact(declared.type, shape))
    }

    /// Gives stored tensors their names. Those of bodies and functions are told apart by what holds them.
    func define(
        _ initializers: [ONNXTensorProto], in scope: NodeScope, prefix: String
    ) throws(AssayError) {
        for initializer in initializers {
            if ElementType(onnx: initializer.dataType) == nil, initializer.dataType == 8 {
                // Text: nothing that is run can use it.
                continue
            }
            let name = prefix.isEmpty ? initializer.name : "\(prefix)/\(initializer.name)"
            // The body of a loop is built once a turn, its tensors are the same.
            var tensor = tensors[name]
            if tensor == nil { tensor = try file.tensor(initializer) }
            guard let tensor else { continue }
            tensors[name] = tensor
            scope.define(initializer.name, as: StoredTensor(tensor: tensor, name: name))
        }
    }

    // MARK: Nodes

    /// Builds the nodes of a graph whose inputs have their names already.
    func build(_ graph: ONNXGraphProto, _ place: NodePlace) throws(AssayError) {
        var declared: [String: ONNXValueInfoProto] = [:]
        for value in graph.valueInfo + graph.output { declared[value.name] = value }
        try build(graph.node, place, declared: declared)
    }

    func build(
        _ nodes: [ONNXNodeProto], _ place: NodePlace, declared: [String: ONNXValueInfoProto] = [:]
    ) throws(AssayError) {
        for node in nodes {
            nodeCount += 1
            guard nodeCount <= ONNXAssembly.maximumNodeCount else {
                throw .unreadable("functions and loops grow into too many nodes")
            }
            let name = node.name.isEmpty ? node.output.first ?? node.opType : node.name
            let call = try call(of: node, named: name, place)
            let results = try results(of: call, declared: node.output.map { declared[$0] })
            guard results.count >= node.output.count || node.output[results.count...].allSatisfy(\.isEmpty) else {
                throw .unreadable(
                    "\(node.opType) has too many outputs", expected: "\(results.count)", object: name)
            }
            for (output, result) in zip(node.output, results) where !output.isEmpty {
                try place.scope.define(output, as: result)
            }
        }
    }

    private func call(
        of node: ONNXNodeProto, named name: String, _ place: NodePlace
    ) throws(AssayError) -> ONNXCall {
        let chain = regions.chain(
            place.scopes + regions.scopes(of: name), in: place.base, call: place.call, &elementary.builder)
        let type = ONNXOperator.key(node.opType, domain: node.domain)
        var call = ONNXCall(
            assembly: self, node: node, place: place, chain: chain, origin: NodeOrigin(type: type, name: name))
        for input in node.input {
            guard !input.isEmpty, !place.omitted.contains(input) else {
                call.operands.append(nil)
                continue
            }
            guard let value = try value(input, place, chain) else {
                throw .unreadable("\(node.opType) takes '\(input)', which no node before it computes", object: name)
            }
            call.operands.append(value)
        }
        return call
    }

    /// What a node computes: by its function, by its operator, or as an opaque node.
    private func results(
        of call: ONNXCall, declared: [ONNXValueInfoProto?]
    ) throws(AssayError) -> [ValueID] {
        if let function = functions[call.origin.type] { return try inline(function, call) }
        guard let known = operators[call.origin.type] else {
            return try opaque(call, reason: "the operator is not known here", declared)
        }
        do throws(AssayError) {
            return try known.lower(call)
        } catch {
            let isKnown = call.operands.allSatisfy { $0.map { elementary.builder[$0].shape != nil } ?? true }
            if error.code == .unreadable, isKnown {
                defects.append(
                    Defect(
                        layer: call.origin.name, error: error.located(object: call.origin.name),
                        witnesses: call.operands.compactMap { $0 }.map { elementary.builder.graph.description(of: $0) }
                    ))
            }
            let reason =
                error.code == .notRunnable || isKnown ? error.message : "the shape of its input is not known"
            return try opaque(call, reason: reason, declared)
        }
    }

    private func opaque(
        _ call: ONNXCall, reason: String, _ declared: [ONNXValueInfoProto?]
    ) throws(AssayError) -> [ValueID] {
        var (shapes, types): ([[Dimension]?], [ElementType]) = ([], [])
        for value in declared {
            let fact = try value?.fact()
            types.append(fact?.type ?? .f32)
            shapes.append(
                fact?.shape?.enumerated().map { axis, extent in
                    if extent.hasDimValue { return .known(Int(extent.dimValue)) }
                    return .symbolic(
                        extent.dimParam.isEmpty ? "\(call.origin.name).\(axis)" : extent.dimParam)
                })
        }
        let operation = Opaque(
            className: call.origin.type, reason: reason, resultShapes: shapes, resultTypes: types)
        return try elementary.add(operation, call.operands, at: call.chain, from: [call.origin])
    }

    // MARK: Values

    /// What a name means at a place; nil for one that nothing has.
    func value(
        _ name: String, _ place: NodePlace, _ chain: RegionChain? = nil
    ) throws(AssayError) -> ValueID? {
        try place.scope.value(name) { (stored) in self.materialise(stored, chain ?? place.base) }
    }

    /// The value of a stored tensor: a number, and few integers, of which shapes are made, are constants; all else is a
    /// parameter.
    private func materialise(_ stored: StoredTensor, _ chain: RegionChain) -> ValueID {
        let tensor = stored.tensor
        if isConstant(tensor) { return elementary.builder.addConstant(tensor) }
        let layer = chain.last?.layer ?? LayerID(0)
        let role = stored.name.split { "/.:".contains($0) }.last.map(String.init) ?? stored.name
        let path = elementary.builder.graph[layer].path
        let parameter = elementary.builder.addParameter(
            Parameter(
                role: role, path: path.isEmpty ? stored.name : "\(path)/\(role)", layer: layer, type: tensor.type,
                shape: tensor.shape, sources: [stored.name]))
        return elementary.builder.value(of: parameter)
    }

    private static let fewIntegers = 64

    /// The value of a tensor that a node carries: some exporters write weights that way. It goes by the node's output.
    ///
    /// - Throws: `AssayError.unreadable` when it does not fit together.
    func value(of message: ONNXTensorProto, _ call: ONNXCall) throws(AssayError) -> ValueID {
        let name = (call.scopeNames + [call.outputs.first ?? call.origin.name]).joined(separator: "/")
        let stored = StoredTensor(tensor: try file.tensor(message), name: name)
        if isConstant(stored.tensor) { return elementary.builder.addConstant(stored.tensor) }
        // The body of a loop is built once a turn, its tensors are the same.
        tensors[name] = stored.tensor
        return materialise(stored, call.chain)
    }

    private func isConstant(_ tensor: Tensor) -> Bool {
        tensor.type.isFloatingPoint ? tensor.shape.count <= 1 : tensor.shape.count <= ONNXAssembly.fewIntegers
    }

    /// Adds an operator; what does not depend on the inputs becomes a constant.
    ///
    /// - Throws: the operator's error when the operands do not fit.
    func add(
        _ operation: any Operation, _ operands: [ValueID?], _ call: ONNXCall
    ) throws(AssayError) -> [ValueID] {
        let facts = try operation.infer(operands.map { $0.map { elementary.builder[$0] } })
        if let known = try folded(operation, operands, facts) {
            return known.map { elementary.builder.addConstant($0) }
        }
        if let view = view(operation, operands, facts) { return [try moved(view.value, view.view, call)] }
        return try elementary.add(operation, operands, at: call.chain, from: [call.origin])
    }

    /// The view that an operator makes of a parameter, where it only moves its elements.
    private func view(
        _ operation: any Operation, _ operands: [ValueID?], _ facts: [Fact]
    ) -> (value: ValueID, view: View)? {
        guard let operand = operands.first ?? nil, case .parameter = elementary.builder.graph[operand].origin else {
            return nil
        }
        if let transpose = operation as? Transpose {
            let rank = transpose.order.count
            return (operand, .transposed(.stored(0), transpose.order.map { $0 < 0 ? $0 + rank : $0 }))
        }
        guard operation is any ReshapingOperator, let shape = facts.first?.knownShape else { return nil }
        return (operand, .reshaped(.stored(0), shape.extents))
    }

    /// The results where they are known: of constants, or integers that follow from known extents.
    private func folded(
        _ operation: any Operation, _ operands: [ValueID?], _ facts: [Fact]
    ) throws(AssayError) -> [Tensor]? {
        let constants = operands.map { $0.flatMap { constant($0) } }
        let areKnown = zip(operands, constants).allSatisfy { $0 == nil || $1 != nil }
        if areKnown, foldedCount <= ONNXAssembly.maximumFoldedCount,
            let results = try ConstantFolder.results(of: operation, constants, facts)
        {
            for result in results where result.shape.count > 64 { foldedCount += result.shape.count }
            return results
        }
        guard facts.count == 1, let shape = facts[0].knownShape, !facts[0].type.isFloatingPoint,
            let integers = facts[0].integers?.compactMap(\.value), integers.count == shape.count
        else { return nil }
        return [try ConstantFolder.tensor(integers, facts[0].type, shape)]
    }

    /// The tensor of a value that is constant or a parameter.
    ///
    /// - Throws: `AssayError.unreadable` when a stored tensor cannot be decoded.
    func stored(_ value: ValueID) throws(AssayError) -> Tensor? {
        guard case .parameter(let id) = elementary.builder.graph[value].origin else { return constant(value) }
        let parameter = elementary.builder.parameters[id.index]
        return try parameter.view.apply(to: parameter.sources.compactMap { tensors[$0] })
    }

    /// The tensor of a value that is constant.
    func constant(_ value: ValueID) -> Tensor? {
        if case .constant(let tensor) = elementary.builder.graph[value].origin { tensor } else { nil }
    }
}
