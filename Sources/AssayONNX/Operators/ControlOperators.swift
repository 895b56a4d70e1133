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

    /// All steps of a scan over axes of known extent.
    static func scan(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard call.opset >= 9 else { throw call.unsupported("scans of opset 8 are not known here") }
        guard let body = try call.attributes.graph("body"), let count = try call.attributes.integer("num_scan_inputs"),
            (1...call.operands.count).contains(count)
        else { throw .unreadable("has no body or inputs") }
        let stateCount = call.operands.count - count
        var states: [ValueID] = []
        for index in 0..<stateCount { states.append(try call.operand(index)) }
        let outputCount = body.output.count - stateCount
        guard outputCount >= 0 else { throw .unreadable("the body gives fewer values than it takes") }
        let axes = try list(call, "scan_input_axes", count)
        let directions = try list(call, "scan_input_directions", count)
        let first = try call.operand(stateCount)
        let length = try call.extent(first, axis: call.resolve(axes[0], rank: call.shape(first).count))
        guard length <= maximumTurns else { throw call.unsupported("takes too many steps") }
        var collected = [[ValueID]](repeating: [], count: outputCount)
        for step in 0..<length {
            var slices: [ValueID] = []
            for index in 0..<count {
                let place = directions[index] == 0 ? step : length - 1 - step
                let number = call.constant(Tensor([Int64(place)], shape: []))
                slices.append(try call.add(Gather(axis: axes[index]), call.operand(stateCount + index), number))
            }
            let results = try call.assembly.inline(body, call, inputs: states + slices, number: turns(call, step))
            states = Array(results[..<stateCount])
            for (index, value) in results[stateCount...].enumerated() { collected[index].append(value) }
        }
        for (index, direction) in try list(call, "scan_output_directions", outputCount).enumerated()
        where direction != 0 {
            collected[index].reverse()
        }
        return states + (try stacked(collected, axis: list(call, "scan_output_axes", outputCount), call))
    }

    private static func list(_ call: ONNXCall, _ name: String, _ count: Int) throws(AssayError) -> [Int] {
        let values = try call.attributes.integers(name) ?? [Int](repeating: 0, count: count)
        guard values.count == count else { throw .unreadable("wrong number of \(name)", expected: "\(count)") }
        return values
    }

    /// The number of a turn among all turns, where loops lie in each other.
    private static func turns(_ call: ONNXCall, _ turn: Int) -> Int {
        min(call.place.call * maximumTurns + turn, GraphBuilder.maximumCount - 1)
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
