// Parts of a value.

import AssayGraph
import AssayOperators
import AssayTensors

/// One position of `[batch, sequence, width]`, the first unless `index` is given: `[batch, width]`.
enum SelectBlock: BlockBuilder {
    static let name = "select"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let index = try call.option("index")?.integer ?? 0
        return [try call.add(Gather(axis: 1), call.operand(0), call.integer(index))]
    }
}

/// Equal parts of the last axis, as many as the step names results: query, key and value out of one projection.
enum SplitBlock: BlockBuilder {
    static let name = "split"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let parts = try call.count("parts")
        guard let width = try call.shape(of: x).last?.value, width % parts == 0, parts <= 64 else {
            throw .unreadable(
                "the last axis has no equal parts", expected: "a multiple of \(parts)",
                found: try call.shape(of: x).text)
        }
        return try call.addAll(Split(axis: -1, sizes: [Int](repeating: width / parts, count: parts)), [x])
    }
}

/// The parts of the last axis, as many as the step names results: a pair of logits as two results.
enum UnstackBlock: BlockBuilder {
    static let name = "unstack"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        guard let count = try call.shape(of: x).last?.value, (1...64).contains(count) else {
            throw .unreadable("the last axis cannot be taken apart", found: try call.shape(of: x).text)
        }
        var parts: [ValueID] = []
        for index in 0..<count { parts.append(try call.add(Gather(axis: -1), x, call.integer(index))) }
        return parts
    }
}
