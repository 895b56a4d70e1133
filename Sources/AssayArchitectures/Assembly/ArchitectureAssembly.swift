// Builds the graph of a model from its blueprint, its values and its tensors.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

extension Specification {
    /// The graph of a model, and the parameters that it uses.
    ///
    /// - Parameters:
    ///   - head: the end of the class name: `Model`, `ForMaskedLM`, ….
    ///   - values: the model's dimensions and settings.
    ///   - store: its tensors.
    /// - Throws: `AssayError.unreadable` when a tensor is missing or does not fit, or a dimension is not known;
    ///   `AssayError.notRunnable` for an option that no block knows, or an architecture without a blueprint.
    public func graph(
        head: String, values: ArchitectureValues, store: any ParameterStore
    ) throws(AssayError) -> (graph: Graph, parameters: [Parameter]) {
        guard let blueprint else { throw AssayError(.notRunnable, "the architecture \(name) has no blueprint") }
        return try ArchitectureAssembly.build(blueprint, head: head, values: values, store: store)
    }
}

/// The graph of a model under construction: steps are followed in order, values are known by their names.
///
/// A reference type, since blocks inside modules inside modules all add to the same graph.
final class ArchitectureAssembly {
    /// The graph so far.
    var builder: GraphBuilder
    /// The values by the names that the steps give them.
    private var values: [String: ValueID] = [:]
    private var records: OrderedDictionary<String, [ValueID]> = [:]
    private var layers: [String: LayerID] = [:]
    private var parameters: [String: ParameterID] = [:]
    private let blueprint: Blueprint
    private let base: ModulePath
    private let store: any ParameterStore

    private init(_ blueprint: Blueprint, head: String, store: any ParameterStore) {
        self.blueprint = blueprint
        self.store = store
        builder = GraphBuilder(rootClassName: (blueprint.classPrefixes.first ?? "") + head, separator: ".")
        base = blueprint.base(under: head)
    }

    /// The graph and the parameters of a model.
    ///
    /// - Throws: `AssayError.unreadable` when a tensor is missing or does not fit, or a value is not known;
    ///   `AssayError.notRunnable` for an option that no block knows.
    static func build(
        _ blueprint: Blueprint, head: String, values: ArchitectureValues, store: any ParameterStore
    ) throws(AssayError) -> (graph: Graph, parameters: [Parameter]) {
        let assembly = ArchitectureAssembly(blueprint, head: head, store: store)
        let scope = Scope(values: values)
        for refusal in blueprint.refusals where try scope.holds(refusal.condition) {
            throw AssayError(.notRunnable, "\(refusal.subject) is not built", found: "\(refusal.condition)")
        }
        try assembly.addInputs(scope)
        try assembly.follow(blueprint.steps, in: assembly.base, scope)
        guard let head = blueprint.heads[head] else { throw .unreadable("has no head \(head)") }
        try assembly.follow(head.steps, in: ModulePath(), scope)
        for (name, value) in head.outputs {
            // An optional module that is not there gives nothing.
            if let id = assembly.values[value] { assembly.builder.addOutput(name: name, value: id) }
        }
        for (name, ids) in assembly.records {
            for (index, id) in ids.enumerated() { assembly.builder.addRecord(name: "\(name).\(index)", value: id) }
        }
        return (assembly.builder.graph, assembly.builder.parameters)
    }

    private func addInputs(_ scope: Scope) throws(AssayError) {
        for (name, input) in blueprint.inputs where try scope.holds(input.condition) {
            var shape: [Dimension] = []
            for extent in input.shape {
                // What is no dimension is a symbol: batch, sequence. An axis that a head alone has is null without it.
                if extent.value(scope.lookup)?.isNull == true { continue }
                if case .name(let symbol) = extent, scope.lookup(symbol) == nil {
                    shape.append(.symbolic(symbol))
                } else if let symbol = try scope.value(extent).string {
                    shape.append(.symbolic(symbol))
                } else {
                    shape.append(.known(try scope.integer(extent)))
                }
            }
            values[name] = builder.addInput(name: name, fact: Fact(input.type, shape), fill: input.fill)
        }
    }

    // MARK: Steps

    private func follow(_ steps: [Step], in module: ModulePath, _ scope: Scope) throws(AssayError) {
        for step in steps where try scope.holds(step.condition) {
            switch step.kind {
            case .record(let name): records[name, default: []].append(try operand(step.operands.first ?? ""))
            case .group(let inner): try group(step, inner, in: module, scope)
            case .repeated(let counter, let count, let inner):
                for index in 0..<(try scope.count(count)) {
                    var inside = scope
                    inside.counters[counter] = index
                    try group(step, inner, in: module, inside)
                }
            case .block(let use): try block(step, use, in: module, scope)
            }
        }
    }

    private func group(
        _ step: Step, _ inner: [Step], in module: ModulePath, _ scope: Scope
    ) throws(AssayError) {
        let path =
            try step.module.map { (template) throws(AssayError) in try module.appending(template, scope) } ?? module
        if step.isOptional, !(try hasTensors(inner, in: path, scope)) { return }
        guard step.module != nil else { return try follow(inner, in: module, scope) }
        let open = builder.beginCall(
            of: layer(path, className: "Module"), inputs: step.operands.compactMap { values[$0] })
        try follow(inner, in: path, scope)
        builder.endCall(open, outputs: step.results.compactMap { values[$0] })
    }

    private func block(_ step: Step, _ use: BlockUse, in module: ModulePath, _ scope: Scope) throws(AssayError) {
        let path =
            try step.module.map { (template) throws(AssayError) in try module.appending(template, scope) } ?? module
        if step.isOptional, !(try hasTensors([step], in: module, scope)) { return }
        var operands: [ValueID?] = []
        for name in step.operands { operands.append(try operand(ifThere: name)) }
        guard let build = BlockRegistry.builder(named: use.block.name) else {
            throw .unreadable("nobody builds the block \(use.block.name)")
        }
        // A block without a module of its own adds to the enclosing one.
        let open = try step.module.map { (_) throws(AssayError) in
            builder.beginCall(
                of: layer(path, className: use.block.className), inputs: operands.compactMap { $0 })
        }
        var call = BlockCall(assembly: self, use: use, module: path, scope: scope, operands: operands)
        let results: [ValueID]
        do throws(AssayError) {
            results = try build.build(&call)
        } catch {
            throw error.located(object: path.layer)
        }
        if let open { builder.endCall(open, outputs: Array(results.prefix(1))) }
        for (name, value) in zip(step.results, results) { values[name] = value }
    }

    /// The value called `name`; none for a name that is empty, or that ends in `?` where no step has given the value.
    private func operand(ifThere name: String) throws(AssayError) -> ValueID? {
        if name.isEmpty { return nil }
        return name.hasSuffix("?") ? values[String(name.dropLast())] : try operand(name)
    }

    /// The value called `name`.
    private func operand(_ name: String) throws(AssayError) -> ValueID {
        guard let value = values[name] else { throw .unreadable("a step takes \(name), which no step before it gives") }
        return value
    }

    private func hasTensors(_ steps: [Step], in module: ModulePath, _ scope: Scope) throws(AssayError) -> Bool {
        try ExpectedTensors.list(steps, in: module, scope).contains { store.stored($0) != nil }
    }

    // MARK: Layers and parameters

    /// The layer of a module, made with those around it when it is first needed.
    private func layer(_ path: ModulePath, className: String) -> LayerID {
        guard let last = path.parts.last else { return LayerID(0) }
        if let known = layers[path.layer] { return known }
        let parent = layer(ModulePath(parts: Array(path.parts.dropLast())), className: "Module")
        let layer = builder.addLayer(name: last.name, className: className, in: parent)
        layers[path.layer] = layer
        return layer
    }

    /// The value of a parameter of a block, which another module may own.
    ///
    /// - Throws: `AssayError.unreadable` when it is not in the file, or has another number of axes.
    func parameter(_ name: String, of use: BlockUse, in module: ModulePath, _ scope: Scope) throws(AssayError)
        -> ValueID
    {
        let path = module.parts.isEmpty ? name : "\(module.layer)/\(name)"
        if let known = parameters[path] { return builder.value(of: known) }
        guard let tensor = try ExpectedTensors.tensor(name, of: use, in: module, base: base, scope) else {
            throw .unreadable("the block \(use.block.name) has no parameter \(name)")
        }
        guard let found = store.stored(tensor.expected) else {
            throw .unreadable("a tensor is missing", expected: tensor.expected.pytorchName, object: path)
        }
        var view = try found.view()
        if tensor.isTransposed {
            let rank = try view.shape(of: [found.shape]).rank
            view = .transposed(view, Array((0..<rank).reversed()))
        }
        let id = builder.addParameter(
            Parameter(
                role: name, path: path, layer: layer(module, className: use.block.className), type: found.type,
                shape: try view.shape(of: [found.shape]), sources: [found.name], view: view))
        parameters[path] = id
        // Half-precision weights are stored so, and computed with in Float.
        let type: ElementType = found.type.isFloatingPoint && found.type != .f64 ? .f32 : found.type
        return builder.value(of: id, declaredAs: Fact(type, builder.parameters[id.index].shape))
    }
}
