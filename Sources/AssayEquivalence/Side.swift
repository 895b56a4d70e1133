// One of the two models of a comparison, cut into units, with the classes of its values.

import AssayGraph
import AssayOperators
import AssayTensors

/// One of the two models of a comparison.
struct Side: Sendable {
    let model: Model
    let graph: Graph
    let units: [LayerUnit]
    /// The unit that computes each value.
    let unitOfValue: [ValueID: Int]
    /// The nodes that take each value.
    let consumers: [ValueID: [NodeID]]
    /// The class of each value, where it has one, proven or assumed.
    private(set) var classes: [ValueClass?]
    /// The class of each value by proof alone.
    private(set) var proven: [ValueClass?]
    /// What each stored value holds: parameters, constants, and what only shows their elements in another shape or order.
    private var stored: [ValueID: StoredView] = [:]
    /// Classes that a value is given although nothing proves them: it was matched in another way.
    private var assumed: [ValueID: ValueClass] = [:]

    init(_ model: Model) throws(AssayError) {
        self.model = model
        let graph = try model.requireGraph()
        self.graph = graph
        units = graph.units()
        consumers = graph.consumers
        classes = Array(repeating: nil, count: graph.values.count)
        proven = classes
        var unitOfValue: [ValueID: Int] = [:]
        for (index, unit) in units.enumerated() {
            for value in unit.nodes.flatMap({ graph[$0].results }) { unitOfValue[value] = index }
        }
        self.unitOfValue = unitOfValue
    }

    subscript(value: ValueID) -> ValueClass? { classes[value.index] }

    /// Gives every value its class, from the inputs on.
    ///
    /// - Parameter inputs: the class of each of the model's inputs, by its value.
    mutating func classify(_ known: inout ValueClasses, inputs: [ValueID: ValueClass]) throws(AssayError) {
        for (index, value) in graph.values.enumerated() {
            switch value.origin {
            case .input: classes[index] = inputs[ValueID(index)]
            case .parameter(let parameter):
                let view = try model.stored(model[parameter])
                stored[ValueID(index)] = view
                classes[index] = try classify(view, of: parameter, &known)
            case .constant(let tensor):
                stored[ValueID(index)] = StoredView(tensor)
                classes[index] = try known.stored(StoredView(tensor))
            case .node: break
            }
        }
        for id in graph.nodeIDs { _ = try classify(id, &known) }
        proven = classes
    }

    /// Says that a value is of a class, though nothing proves it, and gives the classes that follow.
    mutating func assume(
        _ value: ValueID, is valueClass: ValueClass, _ known: inout ValueClasses
    ) throws(AssayError) {
        assumed[value] = valueClass
        guard classes[value.index] != valueClass else { return }
        classes[value.index] = valueClass
        var open = Set(consumers[value] ?? [])
        while let id = open.min() {
            open.remove(id)
            for changed in try classify(id, &known) { open.formUnion(consumers[changed] ?? []) }
        }
    }

    private func classify(
        _ view: StoredView, of parameter: ParameterID, _ known: inout ValueClasses
    ) throws(AssayError) -> ValueClass {
        do throws(AssayError) { return try known.stored(view) } catch {
            throw error.located(file: model.provenance.path, object: model[parameter].path)
        }
    }

    /// Gives the results of a node their classes, and says which of them are new.
    private mutating func classify(_ id: NodeID, _ known: inout ValueClasses) throws(AssayError) -> [ValueID] {
        let node = graph[id]
        let operands = node.operands.map { $0.flatMap { classes[$0.index] } }
        var changed: [ValueID] = []
        for (number, result) in node.results.enumerated() {
            let valueClass: ValueClass
            if let given = assumed[result] {
                valueClass = given
            } else if let opaque = node.operation as? Opaque {
                valueClass = try self.opaque(opaque, node, operands, number, &known)
            } else if let view = try storedView(node) {
                stored[result] = view
                valueClass = try known.stored(view)
            } else {
                valueClass = known.result(node, number: number, operands: operands)
            }
            if classes[result.index] != valueClass { changed.append(result) }
            classes[result.index] = valueClass
        }
        return changed
    }

    /// Whether a value does not depend on the inputs, and holds elements of stored tensors as they are.
    func isStored(_ value: ValueID) -> Bool { stored[value] != nil }

    /// What a node gives that shows a stored value in another shape or order; nil for other nodes.
    private func storedView(_ node: Node) throws(AssayError) -> StoredView? {
        guard let source = node.operands.first?.flatMap({ stored[$0] }), let result = node.results.first,
            let shape = graph[result].fact.knownShape
        else { return nil }
        let view: View
        switch node.operation {
        case is Reshape: view = .reshaped(source.view, shape.extents)
        case let transpose as Transpose where transpose.order.sorted() == Array(0..<shape.rank):
            view = .transposed(source.view, transpose.order)
        default: return nil
        }
        return StoredView(try view.simplified(for: source.stored.map(\.shape)), of: source.stored)
    }

    /// The class of what an opaque layer gives: by its configuration without the name, and all weights that it owns.
    private func opaque(
        _ operation: Opaque, _ node: Node, _ operands: [ValueClass?], _ number: Int, _ known: inout ValueClasses
    ) throws(AssayError) -> ValueClass {
        let layer = graph[node.layer]
        var configuration = layer.configuration?.object ?? [:]
        configuration["name"] = nil
        var all = operands
        for parameter in layer.parameters {
            all.append(try classify(model.stored(model[parameter]), of: parameter, &known))
        }
        return known.opaque(
            operation, configuration: JSON.object(configuration).text(), operands: all, number: number)
    }

    /// The classes of what the framework passes to a unit's layer.
    func inputClasses(_ unit: LayerUnit) -> [ValueClass?] {
        let calls = graph[unit.layer].calls
        let passed = calls.indices.contains(unit.call) ? calls[unit.call].inputs : []
        return (passed.isEmpty ? unit.inputs : passed).map { self[$0] }
    }

    /// The values that stand for a unit in a report: its recorded outputs, or all that leaves it.
    func recordedOutputs(_ unit: LayerUnit) -> [ValueID] {
        let calls = graph[unit.layer].calls
        let recorded = calls.indices.contains(unit.call) ? calls[unit.call].outputs : []
        let own = unit.outputs.filter(recorded.contains)
        return own.isEmpty ? unit.outputs : own
    }

    /// The outputs of a unit's layer, also where they come from a layer inside of it.
    func layerOutputs(_ unit: LayerUnit) -> [ValueID] {
        let calls = graph[unit.layer].calls
        let recorded = calls.indices.contains(unit.call) ? calls[unit.call].outputs : []
        return recorded.allSatisfy { graph[$0].producer == nil } ? recordedOutputs(unit) : recorded
    }

    /// A parameter's path as the model's users write it.
    func path(of parameter: ParameterID) -> String { graph.spelled(model[parameter].path) }

    /// The names of a unit's operators, in order: what kind of thing it is.
    func operatorNames(_ unit: LayerUnit) -> [String] { unit.nodes.map { graph[$0].operation.name } }

    /// The nodes that compute `value` from the nearest values that `isCut` accepts, or from the model's inputs; and those
    /// values: the frontier. `value` itself is never cut.
    func region(of value: ValueID, isCut: (ValueID) -> Bool) -> (nodes: [NodeID], frontier: [ValueID]) {
        var nodes: Set<NodeID> = []
        var frontier: Set<ValueID> = []
        var open = [value]
        while let next = open.popLast() {
            switch graph[next].origin {
            case .input: frontier.insert(next)
            case .parameter, .constant: break
            case .node(let node, _):
                if next != value, isCut(next) {
                    frontier.insert(next)
                } else if nodes.insert(node).inserted {
                    open += graph[node].operands.compactMap { $0 }
                }
            }
        }
        return (nodes.sorted(), frontier.sorted())
    }
}
