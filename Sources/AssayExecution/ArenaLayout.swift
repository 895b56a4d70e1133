// Where each computed value lies in one block of memory: the memory of a value that is dead is given to the next.

import AssayGraph
import AssayOperators
import AssayTensors

/// Offsets of the computed values of a plan, for reals of one size.
struct ArenaLayout {
    /// The offset of each value that a step writes (aliases are not written).
    private(set) var offsets: [ValueID: Int] = [:]
    /// Where the operators' workspace begins.
    private(set) var workspaceOffset = 0
    /// The bytes of the whole block.
    private(set) var byteCount = 0

    /// Every value begins at a multiple of this, the width of a cache line and of the widest vectors.
    static let alignment = 64

    /// The layout of a plan.
    ///
    /// - Parameter sharing: whether values whose lives do not overlap may share memory, and a result may take its operand's
    ///   place; tests compare both ways.
    /// - Throws: `AssayError.notRunnable` when the plan needs more than `limit` bytes.
    init(
        _ plan: Plan, steps: [FusedStep]? = nil, scalarBytes: Int, threads: Int, sharing: Bool = true, limit: Int
    ) throws(AssayError) {
        let steps = steps ?? FusedStep.steps(of: plan)
        let tenants = Tenants(plan, steps, inPlace: sharing)
        var free = FreeIntervals()
        var workspace = 0
        for (index, step) in steps.enumerated() {
            for value in step.results.compactMap({ $0 }) {
                if tenants.owner(of: value) == value {
                    offsets[value] = free.take(try ArenaLayout.byteCount(of: value, plan, scalarBytes, limit))
                } else if !step.head.isAlias {
                    offsets[value] = offsets[tenants.owner(of: value)]
                }
            }
            let operands = step.head.operands.map { $0.map { plan.shape(of: $0) } }
            let results = step.head.results.map { $0.map { plan.shape(of: $0) } ?? [0] }
            workspace = max(workspace, step.head.operation.workspaceCount(operands, results, threads: threads))
            guard sharing else { continue }
            for owner in tenants.leaving(after: index) {
                let bytes = try ArenaLayout.byteCount(of: owner, plan, scalarBytes, limit)
                if let offset = offsets[owner] { free.give(offset, bytes) }
            }
        }
        workspaceOffset = free.end
        guard workspaceOffset <= limit, workspace <= limit / scalarBytes,
            workspaceOffset + workspace * scalarBytes <= limit
        else { throw ArenaLayout.tooLarge(limit) }
        byteCount = workspaceOffset + workspace * scalarBytes
    }

    private static func byteCount(
        of value: ValueID, _ plan: Plan, _ scalarBytes: Int, _ limit: Int
    ) throws(AssayError) -> Int {
        let size = StorageClass(plan.type(of: value)).byteCount(scalarBytes: scalarBytes)
        let count = plan.shape(of: value).count
        guard count <= limit / size else { throw tooLarge(limit) }
        return max(1, (count * size + alignment - 1) / alignment) * alignment
    }

    private static func tooLarge(_ limit: Int) -> AssayError {
        AssayError(
            .notRunnable, "the values of one run do not fit the memory", expected: "at most \(limit >> 20) MiB",
            hint: "give inputs of a smaller batch")
    }
}

/// Who lives in whose memory: a value in its own, a reshaped one in its operand's, and so does the result of an operator that
/// works in place on an operand that nobody needs any more.
private struct Tenants {
    private let owners: [ValueID: ValueID]
    private let leaving: [Int: [ValueID]]

    init(_ plan: Plan, _ steps: [FusedStep], inPlace: Bool) {
        var last: [ValueID: Int] = [:]
        for (index, step) in steps.enumerated() {
            for value in step.lastUses { last[value] = index }
        }
        var owners: [ValueID: ValueID] = [:]
        var ends = last
        for (index, step) in steps.enumerated() {
            for value in step.results.compactMap({ $0 }) { owners[value] = value }
            guard let result = step.results[0] else { continue }
            var operand = step.head.isAlias ? step.head.operands[0] : nil
            if operand == nil, inPlace {
                operand = Tenants.overwritten(by: step, plan) { value in
                    // What is fed or stored, under whatever shape, is nobody's to overwrite.
                    owners[value].map { owners[$0] == $0 && ends[$0] == index } ?? false
                }
                // Another operand in the same memory may be read after it was overwritten.
                let owner = operand.flatMap { owners[$0] }
                if step.operands.filter({ owners[$0] != nil && owners[$0] == owner }).count > 1 { operand = nil }
            }
            guard let operand else { continue }
            let owner = owners[operand] ?? operand
            owners[result] = owner
            ends[owner] = max(ends[owner] ?? index, last[result] ?? index)
        }
        self.owners = owners
        let finalEnds = ends
        leaving = Dictionary(grouping: Set(owners.values).sorted()) { finalEnds[$0] ?? 0 }
    }

    /// The value in whose memory a value lies.
    func owner(of value: ValueID) -> ValueID { owners[value] ?? value }

    /// The owners whose memory nobody uses after a step.
    func leaving(after step: Int) -> [ValueID] { leaving[step] ?? [] }

    /// The operand whose place the result of a step can take; `isFree` says which nobody needs afterwards.
    private static func overwritten(by step: FusedStep, _ plan: Plan, isFree: (ValueID) -> Bool) -> ValueID? {
        guard step.followers.isEmpty, let result = step.results[0], plan.sources[result] == nil else { return nil }
        for (position, operand) in step.head.operands.enumerated() {
            guard let operand, isFree(operand), step.head.operation.canOverwrite(operand: position),
                plan.shape(of: operand) == plan.shape(of: result),
                StorageClass(plan.type(of: operand)) == StorageClass(plan.type(of: result))
            else { continue }
            return operand
        }
        return nil
    }
}

/// The parts of a growing block that are free, in order, no two of them adjacent.
private struct FreeIntervals {
    private var intervals: [(start: Int, count: Int)] = []
    /// The end of the block.
    private(set) var end = 0

    /// Takes `count` bytes from the smallest interval that is large enough, else from a longer block.
    mutating func take(_ count: Int) -> Int {
        var best: Int?
        for index in intervals.indices where intervals[index].count >= count {
            if best.map({ intervals[index].count < intervals[$0].count }) ?? true { best = index }
        }
        if let best {
            let start = intervals[best].start
            intervals[best] = (start + count, intervals[best].count - count)
            if intervals[best].count == 0 { intervals.remove(at: best) }
            return start
        }
        var start = end
        if let last = intervals.last, last.start + last.count == end {
            start = last.start
            intervals.removeLast()
        }
        end = start + count
        return start
    }

    /// Gives `count` bytes back, joined with free neighbours.
    mutating func give(_ start: Int, _ count: Int) {
        var start = start
        var count = count
        var index = intervals.firstIndex { $0.start > start } ?? intervals.count
        if index < intervals.count, start + count == intervals[index].start {
            count += intervals.remove(at: index).count
        }
        if index > 0, intervals[index - 1].start + intervals[index - 1].count == start {
            index -= 1
            let before = intervals.remove(at: index)
            start = before.start
            count += before.count
        }
        intervals.insert((start, count), at: index)
    }
}
