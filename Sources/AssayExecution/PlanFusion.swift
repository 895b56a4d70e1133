// Fusion: steps that work on the rows of a product's result are done with the product, part by part, while the part is in
// the cache. Bias, activation, residual and normalisation of a Transformer's layers all are.

import AssayGraph
import AssayOperators
import AssayTensors

/// A step of a plan, together with the steps that work on its result where it lies. Values between them never exist.
struct FusedStep {
    /// A step that takes result 0 of the one before, and puts its own result in its place.
    struct Follower {
        let step: Plan.Step
        /// Which operand is the result before.
        let position: Int
        let dependence: RowDependence
    }

    /// The step that comes first.
    let head: Plan.Step
    /// Those that follow, in order.
    private(set) var followers: [Follower] = []
    /// The values that nothing after these steps takes.
    private(set) var lastUses: [ValueID] = []

    fileprivate init(_ head: Plan.Step) { self.head = head }

    /// The last of these steps.
    var last: Plan.Step { followers.last?.step ?? head }

    /// The results that exist, in the head's order: of a chain only the last one.
    var results: [ValueID?] { [last.results[0]] + head.results.dropFirst() }

    /// The operands of all steps, those inside the chain left out.
    var operands: [ValueID] {
        head.operands.compactMap { $0 }
            + followers.flatMap { follower in
                follower.step.operands.enumerated().compactMap { $0.offset == follower.position ? nil : $0.element }
            }
    }
}

extension FusedStep {
    /// The steps of a plan, fused where that changes nothing but time and memory: a value that is wanted, or that several
    /// steps take, is computed on its own.
    static func steps(of plan: Plan) -> [FusedStep] {
        var consumers: [ValueID: [Int]] = [:]
        for (index, step) in plan.steps.enumerated() {
            for operand in step.operands.compactMap({ $0 }) { consumers[operand, default: []].append(index) }
        }
        var fused: [FusedStep?] = plan.steps.map { FusedStep($0) }
        for (index, step) in plan.steps.enumerated() where fused[index] != nil && step.takesFollowers(in: plan) {
            guard var chain = fused[index] else { continue }
            // The whole is done where its last step stands: all other operands are there by then.
            var place = index
            while let result = chain.last.results[0], !plan.wanted.contains(result), plan.sources[result] == nil,
                let users = consumers[result], users.count == 1,
                // A step with two products before it follows one of them.
                fused[users[0]]?.head.node == plan.steps[users[0]].node,
                let follower = Follower(plan.steps[users[0]], following: result, in: plan)
            {
                chain.followers.append(follower)
                fused[place] = nil
                place = users[0]
            }
            fused[place] = chain
        }
        var steps = fused.compactMap { $0 }
        addLastUses(&steps)
        return steps
    }

    /// Says at each step which values nothing after it takes.
    private static func addLastUses(_ steps: inout [FusedStep]) {
        var last: [ValueID: Int] = [:]
        for (index, step) in steps.enumerated() {
            for value in step.operands + step.results.compactMap({ $0 }) { last[value] = index }
        }
        for (value, index) in last.sorted(by: { $0.key < $1.key }) { steps[index].lastUses.append(value) }
    }
}

extension FusedStep.Follower {
    /// `step` as one that puts its result where `value` lies; nil where it cannot.
    fileprivate init?(_ step: Plan.Step, following value: ValueID, in plan: Plan) {
        guard let operation = step.operation as? any RowOperator, !step.isAlias, let result = step.results[0],
            step.results.dropFirst().allSatisfy({ $0 == nil }), plan.sources[result] == nil,
            let position = step.operands.firstIndex(of: value), plan.shape(of: value) == plan.shape(of: result),
            step.isReal(in: plan), StorageClass(plan.type(of: result)) == .real,
            let dependence = operation.rowDependence(
                on: position, step.operands.map { $0.map { plan.shape(of: $0) } }, result: plan.shape(of: result))
        else { return nil }
        self.init(step: step, position: position, dependence: dependence)
    }
}

extension Plan.Step {
    /// Whether all operands are real.
    fileprivate func isReal(in plan: Plan) -> Bool {
        operands.allSatisfy { $0.map { StorageClass(plan.type(of: $0)) == .real } ?? true }
    }

    /// Whether other steps can follow on its result.
    fileprivate func takesFollowers(in plan: Plan) -> Bool {
        !isAlias && isReal(in: plan) && operation.takesFollowers(operands.map { $0.map { plan.shape(of: $0) } })
    }
}
