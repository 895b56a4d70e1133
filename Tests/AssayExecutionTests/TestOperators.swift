// Operators made for these tests: small enough to be right at sight, and each exercising one thing that an executor must do.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = factor · x.
struct Scaled: Operator {
    static let name = "Scaled"
    static let formula = "y = factor · x"
    var factor: Double
    var exactness: Exactness { .rounding }

    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] { [try require(operands, 0, "x")] }

    func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let x = operands[0] else { throw mismatch("x is missing") }
        return [ReferenceTensor(x.type, x.shape, x.values.map { factor * $0 })]
    }

    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let x = call.operand(0)
        for index in 0..<x.count { call.result().reals[index] = Scalar(factor) * x.reals[index] }
    }
}

/// y = a + b, of one shape.
struct Sum: Operator {
    static let name = "Sum"
    static let formula = "y = a + b"
    var exactness: Exactness { .rounding }

    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let a = try require(operands, 0, "a")
        let b = try require(operands, 1, "b")
        guard a.shape == b.shape else { throw mismatch("shapes differ", expected: a.shape?.text, found: b.shape?.text) }
        return [a]
    }

    func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let a = operands[0], let b = operands[1] else { throw mismatch("an operand is missing") }
        return [ReferenceTensor(a.type, a.shape, zip(a.values, b.values).map { $0 + $1 })]
    }

    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (a, b) = (call.operand(0), call.operand(1))
        for index in 0..<a.count { call.result().reals[index] = a.reals[index] + b.reals[index] }
    }
}

/// All elements on one axis, or in rows of `width`, in the same memory.
struct Regrouped: ReshapingOperator {
    static let name = "Regrouped"
    static let formula = "the same elements under another shape"
    var width: Int?

    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "x")
        let count = (x.shape ?? []).reduce(1, *)
        let shape: [Dimension] = width.map { [count / .known($0), .known($0)] } ?? [count]
        return [Fact(x.type, shape)]
    }

    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        throw mismatch("an alias is never computed")
    }
}

/// y = x backwards, by way of the workspace; a second result −y for who asks for it.
struct Backwards: Operator {
    static let name = "Backwards"
    static let formula = "y[i] = x[n − 1 − i], z = −y"
    var exactness: Exactness { .exact }

    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "x")
        return [x, x]
    }

    func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int { results[0].count }

    func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let x = operands[0] else { throw mismatch("x is missing") }
        let y = Array(x.values.reversed())
        return [ReferenceTensor(x.type, x.shape, y), ReferenceTensor(x.type, x.shape, y.map { -$0 })]
    }

    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let x = call.operand(0)
        for index in 0..<x.count { call.workspace[index] = x.reals[index] }
        for index in 0..<x.count {
            call.result().reals[index] = call.workspace[x.count - 1 - index]
            if let negated = call.results[1] { negated.reals[index] = -call.workspace[x.count - 1 - index] }
        }
    }
}

/// The extents of x.
struct Extents: Operator {
    static let name = "Extents"
    static let formula = "the extents of x"
    var exactness: Exactness { .exact }

    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "x")
        return [Fact(.i64, [.known(x.rank ?? 0)], integers: x.shape)]
    }

    func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        throw mismatch("the extents are known before the run")
    }

    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        throw mismatch("the extents are known before the run")
    }
}

/// Integers as reals.
struct AsReal: Operator {
    static let name = "AsReal"
    static let formula = "y = x"
    var exactness: Exactness { .exact }

    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        [Fact(.f32, try require(operands, 0, "x").shape)]
    }

    func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let x = operands[0] else { throw mismatch("x is missing") }
        return [ReferenceTensor(.f32, x.shape, x.values)]
    }

    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let x = call.operand(0)
        for index in 0..<x.count { call.result().reals[index] = x.scalar(at: index) }
    }
}
