// Where each computed value lies in one block of memory: the memory of a value that is dead is given to the next.

import AssayGraph
import AssayOperators
import AssayTensors

/// Offsets of the computed values of a plan, for reals of one size.
struct ArenaLayout {
    /// The offset of each computed value that has memory of its own (aliases have none).
    private(set) var offsets: [ValueID: Int] = [:]
    /// Where the operators' workspace begins.
    private(set) var workspaceOffset = 0
    /// The bytes of the whole block.
    private(set) var byteCount = 0

    /// Every value begins at a multiple of this, the width of a cache line and of the widest vectors.
    static let alignment = 64

    /// The layout of a plan.
    ///
    /// - Parameter sharing: whether values whose lives do not overlap may share memory; tests compare both ways.
    /// - Throws: `AssayError.notRunnable` when the plan needs more than `limit` bytes.
    init(_ plan: Plan, scalarBytes: Int, threads: Int, sharing: Bool = true, limit: Int) throws(AssayError) {
        let roots = ArenaLayout.roots(plan)
        let deaths = ArenaLayout.deaths(plan, roots)
        var free = FreeIntervals()
        var workspace = 0
        for (index, step) in plan.steps.enumerated() {
            for value in step.results.compactMap({ $0 }) where roots[value] == value {
                let bytes = try ArenaLayout.byteCount(of: value, plan, scalarBytes, limit)
                offsets[value] = free.take(bytes)
            }
            let operands = step.operands.map { $0.map { plan.shape(of: $0) } }
            let results = step.results.map { $0.map { plan.shape(of: $0) } ?? [0] }
            workspace = max(workspace, step.operation.workspaceCount(operands, results, threads: threads))
            guard sharing else { continue }
            for value in deaths[index] ?? [] {
                let bytes = try ArenaLayout.byteCount(of: value, plan, scalarBytes, limit)
                if let offset = offsets[value] { free.give(offset, bytes) }
            }
        }
        workspaceOffset = free.end
        guard workspaceOffset <= limit, workspace <= limit / scalarBytes,
            workspaceOffset + workspace * scalarBytes <= limit
        else { throw ArenaLayout.tooLarge(limit) }
        byteCount = workspaceOffset + workspace * scalarBytes
    }

    /// The value whose memory each computed value uses: itself, or for an alias what it is an alias of.
    private static func roots(_ plan: Plan) -> [ValueID: ValueID] {
        var roots: [ValueID: ValueID] = [:]
        for step in plan.steps {
            for value in step.results.compactMap({ $0 }) { roots[value] = value }
            if step.isAlias, let operand = step.operands[0], let result = step.results[0] {
                roots[result] = roots[operand] ?? operand
            }
        }
        return roots
    }

    /// After each step, the values whose memory nobody uses any more: they and all their aliases are dead.
    private static func deaths(_ plan: Plan, _ roots: [ValueID: ValueID]) -> [Int: [ValueID]] {
        var last: [ValueID: Int] = [:]
        for (index, step) in plan.steps.enumerated() {
            for value in step.lastUses { last[roots[value] ?? value] = index }
        }
        return Dictionary(grouping: last.keys.sorted()) { last[$0] ?? 0 }
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
