// Concatenate: operands one behind the other along an axis.

import AssayGraph
import AssayTensors

/// y = the operands one behind the other along an axis.
///
/// Operands: one or more of the same shape but for the axis. Result: that shape with the extents along the axis added.
public struct Concatenate: Operator {
    /// The name in the JSON form.
    public static let name = "Concatenate"
    /// The formula.
    public static let formula = "y[…, o_k + i, …] = x_k[…, i, …], o_k = Σ extents before k"
    /// The axis along which operands follow each other.
    public var axis: Int

    /// Operands joined along `axis`.
    public init(axis: Int) { self.axis = axis }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The common shape with the extents along the axis added.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let facts = operands.compactMap { $0 }
        guard let first = facts.first, facts.count == operands.count else { throw mismatch("an operand is missing") }
        let type = facts.dropFirst().reduce(first.type) { .promoted($0, $1.type) }
        guard var shape = first.shape, facts.allSatisfy({ $0.shape != nil }) else { return [Fact(type, nil)] }
        let axis = try resolve(axis: axis, rank: shape.count)
        for other in facts.dropFirst().compactMap(\.shape) {
            guard other.count == shape.count else { throw differ(facts) }
            for place in shape.indices where place != axis {
                guard other[place].isCompatible(with: shape[place]) else { throw differ(facts) }
                if shape[place].value == nil { shape[place] = other[place] }
            }
            shape[axis] = shape[axis] + other[axis]
        }
        var integers: [Dimension]? = shape.count == 1 ? [] : nil
        for fact in facts where (integers?.count ?? 0) <= KnownIntegers.maximumCount {
            integers = fact.integers.flatMap { part in integers.map { $0 + part } }
        }
        if integers?.count ?? 0 > KnownIntegers.maximumCount { integers = nil }
        return [Fact(type, shape, integers: integers)]
    }

    private func differ(_ facts: [Fact]) -> AssayError {
        mismatch(
            "operands differ beside axis \(axis)",
            found: facts.prefix(8).map { $0.shape?.text ?? "?" }.joined(separator: " and "))
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let parts = operands.compactMap { $0 }
        let axis = axis.axis(of: shape.count)
        return [
            ReferenceTensor(type, shape) { position in
                var source = position
                var part = 0
                while source[axis] >= parts[part].shape[axis] {
                    source[axis] -= parts[part].shape[axis]
                    part += 1
                }
                return parts[part][source]
            }
        ]
    }

    /// One copy for each operand and position before the axis.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let y = call.result()
        let axis = axis.axis(of: y.rank)
        let whole = AxisSplit(y.shape, axis: axis)
        var start = 0
        for index in call.operands.indices {
            let x = call.operand(index)
            let length = x.shape[axis] * whole.inner
            let first = start
            call.threads.forEachPart(whole.outer, pieceCost: length) { range in
                for outer in range {
                    let target = outer * whole.extent * whole.inner + first
                    y.convert(length, from: x, at: outer * length, to: target)
                }
            }
            start += length
        }
    }
}
