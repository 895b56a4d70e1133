// Branches and loops: resolved when the file is read, where what decides about them is known then.

import AssayGraph
import AssayOperators
import AssayTensors

/// If, Loop and Scan.
enum ControlOperators {
    /// The most turns of a loop that are laid out one by one.
    private static let maximumTurns = 1 << 12

    /// The branch that a known condition takes.
    static func branch(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard let condition = try call.known(0)?.doubles().first else { throw .unreadable("has no condition") }
        guard let body = try call.attributes.graph(condition != 0 ? "then_branch" : "else_branch") else {
            throw .unreadable("has no such branch")
        }
        return try call.assembly.inline(body, call, inputs: [], number: call.place.call)
    }

    /// All turns of a loop whose number is known: the body again and again.
    static func loop(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard let body = try call.attributes.graph("body") else { throw .unreadable("has no body") }
        let limit = try call.knownIntegers(0)?.first ?? Int.max
        var goesOn = try call.known(1)?.doubles().first ?? 1 != 0
        var carried: [ValueID] = []
        for index in 2..<max(2, call.operands.count) { carried.append(try call.operand(index)) }
        var collected: [[ValueID]] = [[ValueID]](
            repeating: [], count: max(0, body.output.count - 1 - carried.count))
        var turn = 0
        while turn < limit, goesOn {
            guard turn < maximumTurns else { throw call.unsupported("takes too many turns") }
            let number = call.constant(Tensor([Int64(turn)], shape: []))
            let condition = call.constant(Tensor([true], shape: []))
            let results = try call.assembly.inline(
                body, call, inputs: [number, condition] + carried, number: turns(call, turn))
            guard results.count == 1 + carried.count + collected.count else {
                throw .unreadable("the body gives fewer values than it takes")
            }
            guard let last = call.assembly.constant(results[0]) else {
                throw call.unsupported("how many turns it takes depends on the model's inputs")
            }
            goesOn = try last.doubles().first ?? 0 != 0
            carried = Array(results[1..<1 + carried.count])
            for (index, value) in results[(1 + carried.count)...].enumerated() { collected[index].append(value) }
            turn += 1
        }
        return carried + (try stacked(collected, axis: collected.map { _ in 0 }, call))
    }

    /// All steps of a scan over axes of known extent. In opset 8 every item of a batch is scanned for itself.
    static func scan(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let first = call.opset < 9 ? 1 : 0
        let operands = Array(call.operands.dropFirst(first))
        guard let count = try call.attributes.integer("num_scan_inputs"), count > 0, count <= operands.count else {
            throw .unreadable("has no inputs")
        }
        var values: [ValueID] = []
        for index in operands.indices { values.append(try call.operand(first + index)) }
        if call.opset >= 9 { return try Scan(call, count: count).run(values) }
        if call.optional(0) != nil { throw call.unsupported("sequences of different lengths are not known here") }
        let batch = try call.extent(values[0], axis: 0)
        guard (1...maximumTurns).contains(batch) else { throw call.unsupported("scans too many items") }
        var items: [[ValueID]] = []
        for item in 0..<batch {
            let place = call.constant(Tensor([Int64(item)], shape: []))
            var own: [ValueID] = []
            for value in values { own.append(try call.add(Gather(axis: 0), value, place)) }
            items.append(try Scan(call, count: count).run(own))
        }
        var results: [ValueID] = []
        for index in items[0].indices { results.append(try call.addAll(Stack(axis: 0), items.map { $0[index] })[0]) }
        return results
    }

    /// One scan.
    private struct Scan {
        let call: ONNXCall
        let body: ONNXGraphProto
        /// How many of the operands are scanned.
        let count: Int

        init(_ call: ONNXCall, count: Int) throws(AssayError) {
            guard let body = try call.attributes.graph("body") else { throw .unreadable("has no body") }
            self.call = call
            self.body = body
            self.count = count
        }

        /// The last states, and what the steps collected.
        func run(_ operands: [ValueID]) throws(AssayError) -> [ValueID] {
            let stateCount = operands.count - count
            let outputCount = body.output.count - stateCount
            guard outputCount >= 0 else { throw .unreadable("the body gives fewer values than it takes") }
            var states = Array(operands[..<stateCount])
            let scanned = operands[stateCount...]
            let axes = try list(call, "scan_input_axes", count)
            let directions = try list(call, call.opset < 9 ? "directions" : "scan_input_directions", count)
            let leading = operands[stateCount]
            let length = try call.extent(leading, axis: call.resolve(axes[0], rank: call.shape(leading).count))
            guard length <= maximumTurns else { throw call.unsupported("takes too many steps") }
            var collected = [[ValueID]](repeating: [], count: outputCount)
            for step in 0..<length {
                var slices: [ValueID] = []
                for (index, value) in scanned.enumerated() {
                    let place = directions[index] == 0 ? step : length - 1 - step
                    slices.append(
                        try call.add(Gather(axis: axes[index]), value, call.constant(Tensor([Int64(place)], shape: [])))
                    )
                }
                let results = try call.assembly.inline(body, call, inputs: states + slices, number: turns(call, step))
                states = Array(results[..<stateCount])
                for (index, value) in results[stateCount...].enumerated() { collected[index].append(value) }
            }
            let backwards = try list(call, "scan_output_directions", outputCount)
            for (index, direction) in backwards.enumerated() where direction != 0 { collected[index].reverse() }
            return states + (try stacked(collected, axis: list(call, "scan_output_axes", outputCount), call))
        }
    }

    private static func list(_ call: ONNXCall, _ name: String, _ count: Int) throws(AssayError) -> [Int] {
        let values = try call.attributes.integers(name) ?? [Int](repeating: 0, count: count)
        guard values.count == count else { throw .unreadable("wrong number of \(name)", expected: "\(count)") }
        return values
    }

    /// The number of a turn among all turns, where loops lie in each other.
    private static func turns(_ call: ONNXCall, _ turn: Int) -> Int {
        min(call.place.call * maximumTurns + turn, 1 << 16)
    }

    /// What the turns collected, side by side.
    private static func stacked(
        _ collected: [[ValueID]], axis: [Int], _ call: ONNXCall
    ) throws(AssayError) -> [ValueID] {
        var results: [ValueID] = []
        for (values, axis) in zip(collected, axis) {
            guard !values.isEmpty else {
                throw call.unsupported("takes no turn, so that the shape of its results is open")
            }
            results.append(try call.addAll(Stack(axis: axis), values)[0])
        }
        return results
    }
}
