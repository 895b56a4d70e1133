// An LSTM step by step in elementary operators, for what the operator of the graph does not know.

import AssayGraph
import AssayOperators
import AssayTensors

/// One direction of an LSTM whose gates see the cell state, or whose cell has two activations; over a known number of
/// steps.
struct ElementaryLSTM {
    private let direction: RecurrentOperators.Direction
    /// The weights with which the gates i, o and f see the cell state.
    private let peepholes: [ValueID]?

    private var call: ONNXCall { direction.call }

    init(_ direction: RecurrentOperators.Direction, peepholes: [ValueID]?) {
        self.direction = direction
        self.peepholes = peepholes
    }

    /// The sequence in the order of reading, and both states.
    func run() throws(AssayError) -> [ValueID] {
        let units = try call.extent(direction.recurrent, axis: 0)
        let time = try call.extent(direction.x, axis: 1)
        guard (1...1 << 12).contains(time) else { throw call.unsupported("takes too many steps") }
        var projected = try call.add(MatMul(), direction.x, direction.kernel)
        if let bias = try direction.biasSum() { projected = try call.add(Binary(.add), projected, bias) }
        let zeros = try call.add(
            Fill(shape: [.copied(axis: 0), .fixed(units)], value: 0, type: call.type(projected)), direction.x)
        var (hidden, cell) = (direction.states[0] ?? zeros, direction.states[1] ?? zeros)
        var sequence: [ValueID] = []
        for number in 0..<time {
            let place = call.constant(Tensor([Int64(direction.isReverse ? time - 1 - number : number)], shape: []))
            let input = try call.add(Gather(axis: 1), projected, place)
            let next = try step(input, hidden, cell, units)
            guard let mask = direction.mask else {
                (hidden, cell) = next
                sequence.append(hidden)
                continue
            }
            let counts = try call.add(ExpandDims(axes: [1]), call.add(Gather(axis: 1), mask, place))
            hidden = try call.add(Where(), counts, next.hidden, hidden)
            cell = try call.add(Where(), counts, next.cell, cell)
            sequence.append(try call.add(Where(), counts, next.hidden, zeros))
        }
        return [try call.addAll(Stack(axis: 1), sequence)[0], hidden, cell]
    }

    /// The states after one step.
    private func step(
        _ input: ValueID, _ hidden: ValueID, _ cell: ValueID, _ units: Int
    ) throws(AssayError) -> (hidden: ValueID, cell: ValueID) {
        let sum = try call.add(Binary(.add), input, call.add(MatMul(), hidden, direction.recurrent))
        let gates = try call.addAll(Split(axis: 1, sizes: [units, units, units, units]), [sum])
        let admitted = try gate(gates[0], 0, cell)
        let kept = try gate(gates[1], 2, cell)
        let candidate = try call.add(Activation(direction.functions[1]), gates[2])
        let next = try call.add(
            Binary(.add), call.add(Binary(.multiply), kept, cell), call.add(Binary(.multiply), admitted, candidate))
        let shown = try gate(gates[3], 1, next)
        return (try call.add(Binary(.multiply), shown, call.add(Activation(direction.functions[2]), next)), next)
    }

    private func gate(_ sum: ValueID, _ number: Int, _ cell: ValueID) throws(AssayError) -> ValueID {
        var sum = sum
        if let peepholes {
            sum = try call.add(Binary(.add), sum, call.add(Binary(.multiply), peepholes[number], cell))
        }
        return try call.add(Activation(direction.functions[0]), sum)
    }
}
