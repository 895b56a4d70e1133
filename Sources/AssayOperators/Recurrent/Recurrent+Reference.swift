// The loop over time of the reference: one sequence and one step after the other.

import AssayGraph
import AssayTensors

extension RecurrentOperator {
    /// Runs `step` over every sequence of the batch. It takes one input row and the states, and gives the next states.
    func referenceSequence(
        _ operands: [ReferenceTensor?], step: ([Double], [[Double]]) -> [[Double]]
    ) throws(AssayError) -> [ReferenceTensor] {
        guard let x = operands[0], let recurrent = operands[2], x.shape.count == 3 else {
            throw mismatch("an operand is missing")
        }
        let (batch, time, width, units) = (x.shape[0], x.shape[1], x.shape[2], recurrent.shape[0])
        let mask = operands[optional: Self.maskIndex]
        var sequence = ReferenceTensor(x.type, zeros: [batch, time, units])
        var last = [ReferenceTensor](
            repeating: ReferenceTensor(x.type, zeros: [batch, units]), count: Self.stateCount)
        for item in 0..<batch {
            var states = initialStates(operands, item, units)
            var output = [Double](repeating: 0, count: units)
            for index in 0..<time {
                let moment = item * time + (goBackwards ? time - 1 - index : index)
                if let mask, mask.values[moment] == 0 {
                    if zeroOutputForMask { output = [Double](repeating: 0, count: units) }
                } else {
                    states = step(Array(x.values[moment * width..<(moment + 1) * width]), states)
                    output = states[0]
                }
                for unit in 0..<units { sequence.values[(item * time + index) * units + unit] = output[unit] }
            }
            for (number, state) in states.enumerated() {
                for unit in 0..<units { last[number].values[item * units + unit] = state[unit] }
            }
        }
        return [sequence] + last
    }

    private func initialStates(_ operands: [ReferenceTensor?], _ item: Int, _ units: Int) -> [[Double]] {
        (0..<Self.stateCount).map { state in
            guard let initial = operands[optional: Self.stateIndex(state)] else {
                return [Double](repeating: 0, count: units)
            }
            return Array(initial.values[item * units..<(item + 1) * units])
        }
    }

    /// The product of a row with the columns `range` of a matrix, plus a bias over all its columns.
    func referenceProduct(
        _ row: [Double], _ matrix: ReferenceTensor, _ range: Range<Int>, bias: ReferenceTensor?
    ) -> [Double] {
        let columns = matrix.shape[1]
        return range.map { column in
            var sum = 0.0
            for (index, value) in row.enumerated() { sum += value * matrix.values[index * columns + column] }
            return sum + (bias?.values[column] ?? 0)
        }
    }
}
