// Parts of values, and values with something around them.

import AssayGraph
import AssayOperators
import AssayTensors

/// Slice, Split and Pad, whose bounds moved from attributes to inputs.
enum PartOperators {
    /// Ranges of some axes: attributes up to opset 9, inputs since.
    static func slice(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        if call.opset < 10 {
            guard let starts = try call.attributes.integers("starts"), let ends = try call.attributes.integers("ends")
            else {
                throw .unreadable("does not say where parts begin and end")
            }
            let axes = try call.attributes.integers("axes") ?? Array(starts.indices)
            return [
                try call.add(
                    Slice(
                        axes: axes, starts: starts, stops: stops(ends, steps: starts.map { _ in 1 }),
                        steps: starts.map { _ in 1 }), x)
            ]
        }
        let (starts, ends) = (try call.operand(1), try call.operand(2))
        guard let count = try call.shape(starts).first?.value else {
            throw call.unsupported("how many axes are cut is not known")
        }
        let axes = try call.knownIntegers(3) ?? Array(0..<count)
        let steps = try call.knownIntegers(4) ?? axes.map { _ in 1 }
        if let first = call.assembly.constant(starts), let last = call.assembly.constant(ends) {
            let operation = Slice(
                axes: axes, starts: try first.integers(), stops: stops(try last.integers(), steps: steps), steps: steps)
            return [try call.add(operation, x)]
        }
        let operation = Slice(axes: axes, starts: axes.map { _ in 0 }, stops: axes.map { _ in nil }, steps: steps)
        return [try call.add(operation, x, starts, ends)]
    }

    /// Where a range ends. No axis has 10⁹ elements: such a number stands for all that is left.
    private static func stops(_ ends: [Int], steps: [Int]) -> [Int?] {
        zip(ends, steps).map { end, step in
            (step > 0 ? end >= endless : end <= -endless) ? nil : end
        }
    }

    private static let endless = 1_000_000_000

    /// Parts along an axis: sizes by attribute, by input since opset 13, or equal ones.
    static func split(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let axis = try call.resolve(call.integer("axis", 0), rank: call.shape(x).count)
        if let sizes = try call.integers("split", input: 1, since: 13) {
            return try call.addAll(Split(axis: axis, sizes: sizes), [x])
        }
        let count = try call.integer("num_outputs", call.outputs.count)
        let extent = try call.extent(x, axis: axis)
        guard count > 0, count <= 1 << 16 else { throw .unreadable("wrong number of parts", found: "\(count)") }
        // All alike but the last, which may be smaller.
        let size = (extent + count - 1) / count
        let sizes = (0..<count).map { max(0, min(size, extent - $0 * size)) }
        return try call.addAll(Split(axis: axis, sizes: sizes), [x])
    }

    /// Elements around: amounts by attribute up to opset 10, by input since, for some axes only since 18.
    static func pad(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let rank = try call.shape(x).count
        guard let pads = try call.integers("pads", input: 1, since: 11) else {
            throw .unreadable("does not say how much")
        }
        let value = call.opset < 11 ? try call.real("value", 0) : try call.known(2)?.doubles().first ?? 0
        let axes = try call.knownIntegers(3) ?? Array(0..<rank)
        guard pads.count == 2 * axes.count else {
            throw .unreadable("wrong number of amounts", expected: "\(2 * axes.count)", found: "\(pads.count)")
        }
        var amounts = [[Int]](repeating: [0, 0], count: rank)
        for (index, axis) in axes.enumerated() {
            amounts[try call.resolve(axis, rank: rank)] = [pads[index], pads[axes.count + index]]
        }
        switch try call.text("mode", "constant") {
        case "constant": return [try call.add(Pad(amounts: amounts, mode: .constant, value: value), x)]
        case "reflect": return [try call.add(Pad(amounts: amounts, mode: .reflect, value: 0), x)]
        case "edge": return [try call.add(Pad(amounts: amounts, mode: .edge, value: 0), x)]
        case "wrap": return [try wrapped(call, x, amounts)]
        case let mode: throw call.unsupported("the mode '\(mode)' is not known here")
        }
    }

    /// What stands at the other end comes in, axis by axis.
    private static func wrapped(_ call: ONNXCall, _ x: ValueID, _ amounts: [[Int]]) throws(AssayError) -> ValueID {
        var result = x
        for (axis, amount) in amounts.enumerated() where amount != [0, 0] {
            let extent = try call.extent(result, axis: axis)
            guard amount.allSatisfy({ (0...extent).contains($0) }) else {
                throw call.unsupported("more than the whole axis comes in at its other end")
            }
            let before = Slice(axes: [axis], starts: [extent - amount[0]], stops: [nil], steps: [1])
            let after = Slice(axes: [axis], starts: [0], stops: [amount[1]], steps: [1])
            result = try call.addAll(
                Concatenate(axis: axis), [call.add(before, result), result, call.add(after, result)])[0]
        }
        return result
    }
}
