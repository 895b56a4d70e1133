// One of the two models of a comparison, cut into units, with the classes of its values.

import AssayGraph
import AssayTensors

/// One of the two models of a comparison.
struct Side: Sendable {
    let model: Model
    let graph: Graph
    let units: [LayerUnit]
    /// The unit that computes each value.
    let unitOfValue: [ValueID: Int]
    /// The class of each value, where it has one.
    private(set) var classes: [ValueClass?]
    /// Classes that a value is given although nothing proves them: it was matched in another way.
    private var assumed: [ValueID: ValueClass] = [:]
    /// The classes of parameters and constants, whose bits are digested once.
    private var fixed: [ValueID: ValueClass] = [:]

    init(_ model: Model) throws(AssayError) {
        self.model = model
        let graph = try model.requireGraph()
        self.graph = graph
        units = graph.units()
        classes = Array(repeating: nil, count: graph.values.count)
        var unitOfValue: [ValueID: Int] = [:]
        for (index, unit) in units.enumerated() {
            for value in unit.nodes.flatMap({ graph[$0].results }) { unitOfValue[value] = index }
        }
        self.unitOfValue = unitOfValue
    }

    subscript(value: ValueID) -> ValueClass? { classes[value.index] }

    /// Says that a value is of a class, though nothing proves it.
    mutating func assume(_ value: ValueID, is valueClass: ValueClass) { assumed[value] = valueClass }

    /// Gives every value its class, from the inputs on.
    ///
    /// - Parameter inputs: the class of each of the model's inputs, by its value.
    mutating func classify(_ known: inout ValueClasses, inputs: [ValueID: ValueClass]) throws(AssayError) {
        if fixed.isEmpty { try digest(&known) }
        for (index, value) in graph.values.enumerated() where value.producer == nil {
            let id = ValueID(index)
            classes[index] = assumed[id] ?? inputs[id] ?? fixed[id]
        }
        for node in graph.nodes {
            let operands = node.operands.map { $0.flatMap { classes[$0.index] } }
            for (number, result) in node.results.enumerated() {
                if let valueClass = assumed[result] {
                    classes[result.index] = valueClass
                } else if let opaque = node.operation as? Opaque {
                    classes[result.index] = try self.opaque(opaque, node, operands, number, &known)
                } else {
                    classes[result.index] = known.result(node, number: number, operands: operands)
                }
            }
        }
    }

    /// The class of what an opaque layer gives: by its configuration without the name, and all weights that it owns.
    private func opaque(
        _ operation: Opaque, _ node: Node, _ operands: [ValueClass?], _ number: Int, _ known: inout ValueClasses
    ) throws(AssayError) -> ValueClass {
        let layer = graph[node.layer]
        var configuration = layer.configuration?.object ?? [:]
        configuration["name"] = nil
        var all = operands
        for parameter in layer.parameters { all.append(try known.tensor(model.value(of: parameter))) }
        return known.opaque(
            operation, configuration: JSON.object(configuration).text(), operands: all, number: number)
    }

    private mutating func digest(_ known: inout ValueClasses) throws(AssayError) {
        for (index, value) in graph.values.enumerated() {
            switch value.origin {
            case .parameter(let parameter):
                fixed[ValueID(index)] = try known.tensor(model.value(of: parameter))
            case .constant(let tensor): fixed[ValueID(index)] = try known.tensor(tensor)
            case .input, .node: break
            }
        }
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

    /// The names of a unit's operators, in order: what kind of thing it is.
    func operatorNames(_ unit: LayerUnit) -> [String] { unit.nodes.map { graph[$0].operation.name } }
}
