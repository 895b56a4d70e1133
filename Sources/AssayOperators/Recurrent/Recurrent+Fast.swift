// The loop over time of the fast path: input rows are multiplied with the kernel for many steps at once, the states of a
// group of sequences step by step. Groups are independent, so threads share them out and never wait for each other.

import AssayTensors

/// What one step of a cell does to the states of some sequences.
protocol FastCell: Sendable {
    /// The precision.
    associatedtype Scalar: FastScalar

    /// Takes the projected inputs of the step and moves the states on.
    func step(_ step: RecurrentStep<Scalar>)
}

/// One step of a group of sequences.
struct RecurrentStep<Scalar: FastScalar> {
    /// The number of sequences.
    let rows: Int
    /// x · kernel + bias of the first sequence at this step; the cell may use it up.
    let gates: UnsafeMutablePointer<Scalar>
    /// From one sequence to the next in `gates`.
    let gateStride: Int
    /// The states of the first sequence: `rows × units` each, dense.
    let states: [UnsafeMutablePointer<Scalar>]
    /// Memory of the cell for this group: `rows × scratchWidth`.
    let scratch: UnsafeMutablePointer<Scalar>
    /// The mask of the first sequence at this step, and from one sequence to the next.
    let mask: (start: UnsafePointer<UInt8>, stride: Int)?

    /// Whether the step counts for a sequence of the group.
    func isActive(_ row: Int) -> Bool {
        guard let mask else { return true }
        return mask.start[row * mask.stride] != 0
    }
}

/// The sizes of one evaluation, and how its workspace is laid out: projected inputs, states, the cell's scratch memory.
struct RecurrentLayout {
    let (batch, time, width, units): (Int, Int, Int, Int)
    let columns: Int
    let stateCount: Int
    let scratchWidth: Int

    /// Steps that are projected at once: all, unless they would need more than a million elements.
    var block: Int { max(1, min(time, (1 << 20) / max(1, batch * columns))) }
    var workspaceCount: Int { batch * (block * columns + stateCount * units + scratchWidth) }

    /// Sequences of one group, which does not depend on the number of threads, so that results do not either.
    var rowsPerGroup: Int { max(1, min(32, (batch + 1) / 2)) }
    var groups: Int { (batch + rowsPerGroup - 1) / rowsPerGroup }
}

/// One fast evaluation of a recurrent operator.
struct RecurrentRun<Scalar: FastScalar, Cell: FastCell>: @unchecked Sendable where Cell.Scalar == Scalar {
    // Unchecked: groups write disjoint rows.
    let layout: RecurrentLayout
    let cell: Cell
    let goBackwards: Bool
    let zeroOutputForMask: Bool
    let mask: UnsafePointer<UInt8>?
    let sequence: UnsafeMutablePointer<Scalar>?
    let workspace: UnsafeMutablePointer<Scalar>

    private func state(_ index: Int) -> UnsafeMutablePointer<Scalar> {
        workspace + layout.batch * (layout.block * layout.columns + index * layout.units)
    }

    private var scratch: UnsafeMutablePointer<Scalar> { state(layout.stateCount) }

    /// Runs all steps and leaves the last states in the results that are asked for.
    func run<Operation: RecurrentOperator>(_ call: FastCall<Scalar>, of operation: Operation.Type) {
        let stateSize = layout.batch * layout.units
        for index in 0..<layout.stateCount {
            if let initial = call.optional(Operation.stateIndex(index)) {
                state(index).update(from: initial.reals, count: stateSize)
            } else {
                state(index).update(repeating: 0, count: stateSize)
            }
        }
        var first = 0
        while first < layout.time {
            let steps = first..<min(first + layout.block, layout.time)
            project(call, moments(steps))
            call.threads.forEach(layout.groups) { group in
                for step in steps { advance(group, step, moments(steps).lowerBound) }
            }
            first = steps.upperBound
        }
        for index in 0..<layout.stateCount {
            call.results[1 + index]?.reals.update(from: state(index), count: stateSize)
        }
    }

    /// The moments of x that some steps read.
    private func moments(_ steps: Range<Int>) -> Range<Int> {
        goBackwards ? layout.time - steps.upperBound..<layout.time - steps.lowerBound : steps
    }

    /// x · kernel + bias at some moments, for all sequences.
    private func project(_ call: FastCall<Scalar>, _ moments: Range<Int>) {
        let (width, columns) = (layout.width, layout.columns)
        let x = call.operand(0).reals
        let bias = call.optional(3)
        let whole = moments.count == layout.time
        // All moments of all sequences lie one after the other; of a part of the moments, only those of one sequence do.
        let rows = whole ? layout.batch * layout.time : moments.count
        for part in 0..<(whole ? 1 : layout.batch) {
            let target = workspace + part * layout.block * columns
            Scalar.sharedMatrixProduct(
                m: rows, n: columns, k: width, x + (part * layout.time + moments.lowerBound) * width, lda: width,
                call.operand(1).reals, ldb: columns, bias: bias?.reals, target, ldc: columns,
                threads: call.threads)
        }
    }

    /// One step of one group, and its part of the sequence.
    private func advance(_ group: Int, _ index: Int, _ firstMoment: Int) {
        let moment = goBackwards ? layout.time - 1 - index : index
        let firstRow = group * layout.rowsPerGroup
        let rows = min(layout.rowsPerGroup, layout.batch - firstRow)
        let gateStride = layout.block * layout.columns
        let step = RecurrentStep<Scalar>(
            rows: rows, gates: workspace + firstRow * gateStride + (moment - firstMoment) * layout.columns,
            gateStride: gateStride,
            states: (0..<layout.stateCount).map { state($0) + firstRow * layout.units },
            scratch: scratch + firstRow * layout.scratchWidth,
            mask: mask.map { ($0 + firstRow * layout.time + moment, layout.time) })
        cell.step(step)
        guard let sequence else { return }
        for row in 0..<rows {
            let target = sequence + ((firstRow + row) * layout.time + index) * layout.units
            if step.isActive(row) {
                target.update(from: step.states[0] + row * layout.units, count: layout.units)
            } else if index > 0, !zeroOutputForMask {
                target.update(from: target - layout.units, count: layout.units)
            } else {
                target.update(repeating: 0, count: layout.units)
            }
        }
    }
}

extension RecurrentOperator {
    /// The sizes of one evaluation for operands of these shapes.
    func layout(_ operands: [Shape?], scratchWidth: Int) -> RecurrentLayout? {
        guard operands.count > 2, let x = operands[0], let recurrent = operands[2], x.rank == 3 else { return nil }
        return RecurrentLayout(
            batch: x[0], time: x[1], width: x[2], units: recurrent[0], columns: recurrent[1],
            stateCount: Self.stateCount, scratchWidth: scratchWidth)
    }

    /// Runs a cell over the sequences of a call.
    func runFast<Cell: FastCell>(_ call: FastCall<Cell.Scalar>, cell: Cell, scratchWidth: Int) {
        guard let layout = layout(call.operands.map { $0.map { Shape($0.shape) } }, scratchWidth: scratchWidth) else {
            return
        }
        RecurrentRun(
            layout: layout, cell: cell, goBackwards: goBackwards, zeroOutputForMask: zeroOutputForMask,
            mask: call.optional(Self.maskIndex).map { UnsafePointer($0.booleans) }, sequence: call.results[0]?.reals,
            workspace: call.workspace
        ).run(call, of: Self.self)
    }
}
