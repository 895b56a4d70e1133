// Where: a choice between two operands, element by element.

import AssayGraph
import AssayTensors

/// y = a where the condition is true, else b; all three broadcast.
///
/// Operands: condition, a, b. Result: the shape that all broadcast to, of the type that a and b meet in.
public struct Where: Operator {
    /// The name in the JSON form.
    public static let name = "Where"
    /// The formula.
    public static let formula = "y[…] = c[…] ? a[…] : b[…], broadcast"

    /// A choice.
    public init() {}

    /// No arithmetic.
    public var exactness: Exactness { .exact }

    /// The shape that all three broadcast to.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let condition = try require(operands, 0, "the condition")
        let a = try require(operands, 1, "the first choice")
        let b = try require(operands, 2, "the second choice")
        let type = ElementType.promoted(a.type, b.type)
        let known = KnownIntegers.combined([condition, a, b]) { choice in
            choice[0].value.map { $0 != 0 ? choice[1] : choice[2] }
        }
        // Extents of one name go by what is chosen, not by the condition.
        return [Fact(type, try broadcast([a, b, condition]), integers: known)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let condition = try given(operands, 0)
        let a = try given(operands, 1)
        let b = try given(operands, 2)
        return [
            ReferenceTensor(type, shape) { position in
                condition.broadcast(position) != 0 ? a.broadcast(position) : b.broadcast(position)
            }
        ]
    }

    /// Either of those that are chosen from.
    public func canOverwrite(operand: Int) -> Bool { operand > 0 }

    /// Row by row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (condition, a, b, y) = (call.operand(0), call.operand(1), call.operand(2), call.result())
        let loop = BroadcastLoop(result: y.shape, operands: [condition.shape, a.shape, b.shape])
        let steps = loop.steps
        let allReal = a.storage == .real && b.storage == .real
        loop.forEachRow(call.threads) { result, offsets, count in
            for index in 0..<count {
                let first = condition.bit(offsets[0] &+ index &* steps[0]) != 0
                let offset = first ? offsets[1] &+ index &* steps[1] : offsets[2] &+ index &* steps[2]
                let chosen = first ? a : b
                if allReal {
                    y.reals[result + index] = chosen.reals[offset]
                } else if chosen.storage == y.storage {
                    y.copy(1, from: chosen, at: offset, to: result + index)
                } else {
                    y.set(result + index, to: chosen.double(at: offset))
                }
            }
        }
    }
}
