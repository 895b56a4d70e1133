// Products of matrices and tensors.

import AssayGraph
import AssayOperators
import AssayTensors

/// The product of matrices.
struct MatrixProductFunction: KerasFunction {
    static let names = ["Matmul", "tf.linalg.matmul", "tf.matmul"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let (a, b) = try call.pair()
        let product = MatMul(
            transposeA: try call.boolean("transpose_a", default: false),
            transposeB: try call.boolean("transpose_b", default: false))
        return [try call.call.add(product, a, b)]
    }
}

/// A sum of products by an equation.
struct EinsumFunction: KerasFunction {
    static let names = ["Einsum"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        guard let equation = call.attribute("subscripts")?.string, equation.utf8.count <= 256 else {
            throw call.call.configuration.invalid("subscripts", expected: "an equation")
        }
        return try call.call.addAll(Einsum(equation: equation), call.call.arguments.tensors)
    }
}

/// A product over several axes.
struct TensorProductFunction: KerasFunction {
    static let names = ["Tensordot", "tf.tensordot"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let (a, b) = try call.pair()
        let ranks = (try call.call.shape(of: a).count, try call.call.shape(of: b).count)
        guard ranks.0 + ranks.1 <= 26 else { throw call.call.configuration.unsupported("has too many axes") }
        let (first, second) = try axes(call, ranks)
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        let left = Array(letters[0..<ranks.0])
        var right = Array(letters[ranks.0..<ranks.0 + ranks.1])
        for (one, other) in zip(first, second) { right[other] = left[one] }
        let result =
            left.indices.filter { !first.contains($0) }.map { left[$0] }
            + right.indices.filter { !second.contains($0) }.map { right[$0] }
        let equation = "\(String(left)),\(String(right))->\(String(result))"
        return [try call.call.add(Einsum(equation: equation), a, b)]
    }

    /// The axes of both operands that are summed over: the last n and the first n, or a list for each.
    private func axes(_ call: FunctionCall, _ ranks: (Int, Int)) throws(AssayError) -> ([Int], [Int]) {
        let given = call.attribute("axes", at: 2) ?? 2
        var lists: [[Int]] = []
        if let count = given.integer {
            guard count >= 0, count <= min(ranks.0, ranks.1) else { throw wrong(call) }
            lists = [Array((ranks.0 - count)..<ranks.0), Array(0..<count)]
        } else {
            for (element, rank) in zip(given.array ?? [], [ranks.0, ranks.1]) {
                var list: [Int] = []
                for axis in element.array ?? [element] {
                    guard let axis = axis.integer else { throw wrong(call) }
                    list.append(try call.call.resolved(axis: axis, rank: rank))
                }
                lists.append(list)
            }
        }
        guard lists.count == 2, lists[0].count == lists[1].count else { throw wrong(call) }
        return (lists[0], lists[1])
    }

    private func wrong(_ call: FunctionCall) -> AssayError {
        call.call.configuration.invalid("axes", expected: "a number, or as many axes of one as of the other")
    }
}
