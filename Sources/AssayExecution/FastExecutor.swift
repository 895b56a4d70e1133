// The fast run: follows a plan over one arena, in Float or in Double.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Runs a plan, as often as it is asked to. One executor serves one thread at a time; several may share the parameters.
public final class FastExecutor<Scalar: FastScalar> {
    /// What it runs.
    public let plan: Plan
    private let parameters: PreparedParameters<Scalar>
    private let threads: ThreadPool
    private let steps: [FusedStep]
    private let layout: ArenaLayout
    private let arena: Arena
    private let wanted: Set<ValueID>

    /// Gets `value` as soon as it is computed. The memory is given to other values afterwards: copy what is to stay.
    public typealias Observer = (ValueID, FastTensor<Scalar>) throws(AssayError) -> Void

    /// An executor for a plan, with the stored values of its model.
    ///
    /// - Throws: `AssayError.notRunnable` when the memory does not suffice, or OpenBLAS is missing.
    public convenience init(
        _ plan: Plan, parameters: PreparedParameters<Scalar>, threads: ThreadPool = ThreadPool()
    ) throws(AssayError) {
        try self.init(plan, parameters: parameters, threads: threads, sharesMemory: true)
    }

    /// The same; tests also run without shared memory.
    init(
        _ plan: Plan, parameters: PreparedParameters<Scalar>, threads: ThreadPool, sharesMemory: Bool
    ) throws(AssayError) {
        try LinearAlgebra.load()
        self.plan = plan
        self.parameters = parameters
        self.threads = threads
        steps = FusedStep.steps(of: plan)
        layout = try ArenaLayout(
            plan, steps: steps, scalarBytes: MemoryLayout<Scalar>.stride, threads: threads.threadCount,
            sharing: sharesMemory,
            limit: Arena.machineLimit)
        arena = try Arena(byteCount: layout.byteCount)
        wanted = Set(plan.wanted)
    }

    /// The memory of one run in bytes, parameters and feeds not counted.
    public var arenaByteCount: Int { layout.byteCount }

    /// Runs the plan on values that are in the fast path's form already.
    ///
    /// - Parameter observe: gets each wanted value when it is there: first what is fed or stored, then in the order of the run.
    /// - Throws: `AssayError.usage` when a value is not fed or has another shape than planned; an operator's or observer's
    ///   error.
    public func run(feeding feeds: [ValueID: FastTensor<Scalar>], observe: Observer) throws(AssayError) {
        var run = Run(values: try checked(feeds))
        for value in plan.wanted where plan.sources[value] != nil {
            try observe(value, try tensor(value, &run))
        }
        for step in steps {
            try perform(step, &run)
            for value in step.results.compactMap({ $0 }) where wanted.contains(value) && plan.sources[value] == nil {
                guard let tensor = run.values[value] else { continue }
                try observe(value, tensor)
            }
            parameters.finish(step.lastUses.compactMap { run.forget($0) })
        }
    }

    /// Runs the plan on tensors, which are converted to the types that the graph declares.
    ///
    /// - Throws: as above, and `AssayError.unreadable` when a tensor cannot be converted.
    public func run(_ feeds: [ValueID: Tensor], observe: Observer) throws(AssayError) {
        var prepared: [ValueID: PreparedTensor<Scalar>] = [:]
        for (value, tensor) in feeds { prepared[value] = try PreparedTensor(tensor, as: plan.type(of: value)) }
        defer { withExtendedLifetime(prepared) {} }
        try run(feeding: prepared.mapValues(\.tensor), observe: observe)
    }

    /// Runs the plan on tensors and copies every wanted value.
    ///
    /// - Throws: as `run`.
    public func values(_ feeds: [ValueID: Tensor]) throws(AssayError) -> OrderedDictionary<ValueID, Tensor> {
        var values: OrderedDictionary<ValueID, Tensor> = [:]
        try run(feeds) { (value, tensor) throws(AssayError) in values[value] = Tensor(copying: tensor) }
        return values
    }

    // MARK: One run

    /// The state of one run.
    private struct Run {
        /// The values that are there.
        var values: [ValueID: FastTensor<Scalar>]
        /// The stored values that aliases show, by the alias.
        var pinned: [ValueID: PreparedTensor<Scalar>] = [:]
        /// Stored values of the step at hand.
        var held: [PreparedTensor<Scalar>] = []

        /// Hears that nothing uses a value any more, and gives the stored value that it showed.
        mutating func forget(_ value: ValueID) -> PreparedTensor<Scalar>? {
            values[value] = nil
            return pinned.removeValue(forKey: value)
        }
    }

    private func checked(
        _ feeds: [ValueID: FastTensor<Scalar>]
    ) throws(AssayError) -> [ValueID: FastTensor<Scalar>] {
        for (value, source) in plan.sources {
            guard case .fed = source else { continue }
            guard let feed = feeds[value] else { throw .usage("value \(value.index) is not fed") }
            let shape = plan.shape(of: value)
            guard feed.shape == shape.extents, feed.storage == StorageClass(plan.type(of: value)) else {
                throw .usage(
                    "value \(value.index) is fed with another shape or type than planned",
                    expected: "\(plan.type(of: value).displayName) \(shape)",
                    found: "\(feed.type.displayName) \(Shape(feed.shape))")
            }
        }
        return feeds
    }

    private func perform(_ step: FusedStep, _ run: inout Run) throws(AssayError) {
        run.held.removeAll(keepingCapacity: true)
        var operation = step.head.operation
        var operands: [FastTensor<Scalar>?] = []
        let packed = try packedKernel(of: step.head, run)
        for (position, operand) in step.head.operands.enumerated() {
            if position == 1, packed != nil {
                operands.append(nil)
                continue
            }
            if position == 1, let product = operation as? any KernelOperator,
                let kernel = try storedKernel(operand, &run)
            {
                operands.append(kernel)
                operation = product.transposingKernel()
                continue
            }
            if let table = try readRows(at: position, of: step.head, &run) {
                operands.append(table)
                continue
            }
            operands.append(try operand.map { (value) throws(AssayError) in try tensor(value, &run) })
        }
        if step.head.isAlias, let value = step.head.operands[0], let operand = operands[0], let result = step.results[0]
        {
            run.values[result] = FastTensor(
                type: plan.type(of: result), shape: plan.shape(of: result).extents, start: operand.start)
            // A stored value lasts as long as what shows it.
            run.pinned[result] = run.values[value] == nil ? run.held.first : run.pinned[value]
            return
        }
        let results = step.results.map { $0.map { computed($0) } }
        let chain = try chain(of: step, on: results[0], &run)
        do throws(AssayError) {
            try operation.fast(
                FastCall(
                    operands: operands, results: results, threads: threads, workspace: workspace, followers: chain,
                    packedKernel: packed))
        } catch {
            throw error.located(object: plan.graph[plan.graph[step.head.node].layer].path)
        }
        parameters.finish(run.held)
        for (value, tensor) in zip(step.results, results) {
            // What is fed stays what it is, also where its node runs for the sake of another result.
            if let value, plan.sources[value] == nil { run.values[value] = tensor }
        }
    }

    /// The kernel of a product with a stored matrix, packed; nil where there is none.
    private func packedKernel(of step: Plan.Step, _ run: Run) throws(AssayError) -> PackedMatrix<Scalar>? {
        guard let linear = step.operation as? Linear, let value = step.operands[1], run.values[value] == nil,
            case .parameter(let id) = plan.sources[value]
        else { return nil }
        return try parameters.packed(
            id, isTransposed: linear.kernelIsTransposed, fact: plan.graph[value].fact, threads: threads)
    }

    /// A kernel that is the transpose of a stored matrix, as it is stored; nil for others.
    private func storedKernel(_ value: ValueID?, _ run: inout Run) throws(AssayError) -> FastTensor<Scalar>? {
        guard let value, run.values[value] == nil, case .parameter(let id) = plan.sources[value],
            let prepared = try parameters.untransposed(id, fact: plan.graph[value].fact)
        else { return nil }
        run.held.append(prepared)
        return prepared.tensor
    }

    /// A stored table of which a step reads some rows, with no more than those; nil for other operands.
    private func readRows(at position: Int, of step: Plan.Step, _ run: inout Run) throws(AssayError) -> FastTensor<
        Scalar
    >? {
        guard let (table, numbers) = (step.operation as? any RowReader)?.readRows, position == table,
            let value = step.operands[table], run.values[value] == nil,
            let rows = step.operands[numbers].flatMap({ run.values[$0] })
        else { return nil }
        guard let stored = stored(value),
            let prepared = try parameters.rows(
                numbered: rows, of: stored.name, constant: stored.constant, fact: plan.graph[value].fact)
        else { return nil }
        run.held.append(prepared)
        return prepared.tensor
    }

    /// The memory that is an operator's own while it runs.
    private var workspace: UnsafeMutablePointer<Scalar> {
        (arena.start + layout.workspaceOffset).assumingMemoryBound(to: Scalar.self)
    }

    /// What the followers of a step do with its result.
    private func chain(
        of step: FusedStep, on result: FastTensor<Scalar>?, _ run: inout Run
    ) throws(AssayError) -> RowChain<Scalar> {
        var chain = RowChain<Scalar>()
        for follower in step.followers {
            guard let operation = follower.step.operation as? any RowOperator else { continue }
            var operands: [FastTensor<Scalar>?] = []
            for (position, operand) in follower.step.operands.enumerated() {
                if position == follower.position {
                    operands.append(result)
                } else {
                    operands.append(
                        try operand.map { (value) throws(AssayError) in try tensor(value, &run) })
                }
            }
            let call = FastCall(operands: operands, results: [result], threads: threads, workspace: workspace)
            chain.append(operation.rowFunction(call, replacing: follower.position), follower.dependence)
        }
        return chain
    }

    /// The place of a computed value.
    private func computed(_ value: ValueID) -> FastTensor<Scalar> {
        guard let offset = layout.offsets[value] else { preconditionFailure("the layout has every computed value") }
        return FastTensor(
            type: plan.type(of: value), shape: plan.shape(of: value).extents, start: arena.start + offset)
    }

    /// What a stored value is called, and the constant where it is one; nil for values that are not stored.
    private func stored(_ value: ValueID) -> (name: StoredValue, constant: Tensor?)? {
        switch plan.sources[value] {
        case .parameter(let parameter): (.parameter(parameter), nil)
        case .constant(let tensor): (.constant(value), tensor)
        case .literal, .fed, nil: nil
        }
    }

    /// A value that is there already, or is stored.
    private func tensor(_ value: ValueID, _ run: inout Run) throws(AssayError) -> FastTensor<Scalar> {
        if let tensor = run.values[value] { return tensor }
        let prepared: PreparedTensor<Scalar>
        let fact = plan.graph[value].fact
        if let stored = stored(value) {
            prepared = try parameters.tensor(stored.name, constant: stored.constant, fact: fact)
        } else if case .literal(let integers) = plan.sources[value] {
            prepared = PreparedTensor(integers: integers, type: fact.type, shape: plan.shape(of: value))
        } else {
            preconditionFailure("steps stand in topological order")
        }
        run.held.append(prepared)
        return prepared.tensor
    }
}
