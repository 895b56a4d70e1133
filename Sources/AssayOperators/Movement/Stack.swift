// Stack: operands side by side along a new axis.

import AssayGraph
import AssayTensors

/// y = the operands side by side along a new axis.
///
/// Operands: one or more of the same shape. Result: that shape with their number at `axis`, which counts in the result.
public struct Stack: Operator {
    /// The name in the JSON form.
    public static let name = "Stack"
    /// The formula.
    public static let formula = "y[…, k, …] = x_k[…, …]"
    /// Where the new axis stands in the result.
    public var axis: Int

    /// Operands along a new axis.
    public init(axis: Int) {
        self.axis = axis
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The common shape with the number of operands.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let facts = operands.compactMap { $0 }
        guard let first = facts.first, facts.count == operands.count else { throw mismatch("an operand is missing") }
        let type = facts.dropFirst().reduce(first.type) { .promoted($0, $1.type) }
        guard var shape = first.shape else { return [Fact(type, nil)] }
        let axis = try resolve(axis: axis, rank: shape.count + 1)
        for fact in facts.dropFirst() { try requireShape(fact, shape, role: "operand") }
        shape.insert(.known(facts.count), at: axis)
        var integers: [Dimension]? = shape.count <= 2 && axis == 0 ? [] : nil
        for fact in facts { integers = fact.integers.flatMap { part in integers.map { $0 + part } } }
        return [Fact(type, shape, integers: integers)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let axis = axis.axis(of: shape.count)
        return [
            ReferenceTensor(type, shape) { position in
                var source = position
                return operands[source.remove(at: axis)]?[source] ?? .nan
            }
        ]
    }

    /// One copy for each operand and position before the axis.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let y = call.result()
        let split = AxisSplit(y.shape, axis: axis.axis(of: y.rank))
        for (index, x) in call.operands.enumerated() {
            guard let x else { continue }
            for outer in 0..<split.outer {
                y.convert(
                    split.inner, from: x, at: outer * split.inner, to: (outer * split.extent + index) * split.inner)
            }
        }
    }
}
