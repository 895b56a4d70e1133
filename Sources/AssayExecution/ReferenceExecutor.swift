// The reference run: the operators' definitions in plain Double, one after the other. It shares the plan's order with the
// fast run, and none of its arithmetic or memory.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Runs a plan by the operators' definitions: the oracle.
public struct ReferenceExecutor: Sendable {
    /// What it runs.
    public let plan: Plan
    private let model: Model

    /// An executor for a plan of this model's graph.
    public init(_ plan: Plan, model: Model) {
        self.plan = plan
        self.model = model
    }

    /// Runs the plan. Values are freed when nothing takes them any more.
    ///
    /// - Parameter observe: gets each wanted value when it is there: first what is fed or stored, then in the order of the run.
    /// - Throws: `AssayError.usage` when a value is not fed or has another shape than planned; `AssayError.notRunnable`
    ///   when the memory does not suffice; an operator's or observer's error.
    public func run(
        _ feeds: [ValueID: Tensor], observe: (ValueID, ReferenceTensor) throws(AssayError) -> Void
    ) throws(AssayError) {
        // The values take at least this much; shapes come from files, so that it is checked before any is made.
        _ = try ArenaLayout(plan, scalarBytes: MemoryLayout<Double>.stride, threads: 1, limit: Arena.machineLimit)
        let wanted = Set(plan.wanted)
        var values: [ValueID: ReferenceTensor] = [:]
        for (value, source) in plan.sources {
            if case .fed = source { values[value] = try fed(value, feeds) }
        }
        for value in plan.wanted where plan.sources[value] != nil {
            try observe(value, try tensor(value, values))
        }
        for step in plan.steps {
            let results = try perform(step, values)
            for (value, result) in zip(step.results, results) {
                guard let value, plan.sources[value] == nil else { continue }
                values[value] = result
                if wanted.contains(value) { try observe(value, result) }
            }
            for value in step.lastUses { values[value] = nil }
        }
    }

    /// Runs the plan and keeps every wanted value.
    ///
    /// - Throws: as `run`.
    public func values(
        _ feeds: [ValueID: Tensor]
    ) throws(AssayError) -> OrderedDictionary<ValueID, ReferenceTensor> {
        var values: OrderedDictionary<ValueID, ReferenceTensor> = [:]
        try run(feeds) { (value, tensor) throws(AssayError) in values[value] = tensor }
        return values
    }

    private func fed(_ value: ValueID, _ feeds: [ValueID: Tensor]) throws(AssayError) -> ReferenceTensor {
        let shape = plan.shape(of: value)
        guard let tensor = feeds[value] else { throw .usage("value \(value.index) is not fed") }
        guard tensor.shape == shape else {
            throw .usage(
                "value \(value.index) is fed with another shape than planned", expected: shape.description,
                found: tensor.shape.description)
        }
        return try declared(tensor, plan.type(of: value))
    }

    /// The tensor's values as the graph declares them: whole numbers for an integer type, 0 or 1 for a boolean.
    private func declared(_ tensor: Tensor, _ type: ElementType) throws(AssayError) -> ReferenceTensor {
        var values = try tensor.doubles()
        switch StorageClass(type) {
        case .real: break
        case .integer: values = values.map { $0.rounded(.towardZero) }
        case .boolean: values = values.map { $0 == 0 ? 0 : 1 }
        }
        return ReferenceTensor(type, tensor.shape.extents, values)
    }

    private func perform(
        _ step: Plan.Step, _ values: [ValueID: ReferenceTensor]
    ) throws(AssayError) -> [ReferenceTensor] {
        var operands: [ReferenceTensor?] = []
        for operand in step.operands {
            guard let operand else {
                operands.append(nil)
                continue
            }
            operands.append(try tensor(operand, values))
        }
        let path = plan.graph[plan.graph[step.node].layer].path
        let results: [ReferenceTensor]
        do throws(AssayError) {
            results = try step.operation.reference(operands)
        } catch {
            throw error.located(object: path)
        }
        for (value, result) in zip(step.results, results) {
            guard let value, result.shape != plan.shape(of: value).extents else { continue }
            throw AssayError(
                .notRunnable, "\(step.operation.name) gives another shape than its shape rule says",
                expected: plan.shape(of: value).description, found: Shape(result.shape).description,
                at: .init(object: path))
        }
        return results
    }

    private func tensor(
        _ value: ValueID, _ values: [ValueID: ReferenceTensor]
    ) throws(AssayError) -> ReferenceTensor {
        if let tensor = values[value] { return tensor }
        let type = plan.type(of: value)
        switch plan.sources[value] {
        case .parameter(let parameter): return try declared(model.value(of: parameter), type)
        case .constant(let tensor): return try declared(tensor, type)
        case .literal(let integers):
            return ReferenceTensor(type, plan.shape(of: value).extents, integers.map { Double($0) })
        case .fed, nil: preconditionFailure("steps stand in topological order")
        }
    }
}
