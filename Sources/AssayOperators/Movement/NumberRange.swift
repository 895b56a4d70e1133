// NumberRange: equally spaced numbers.

import AssayGraph
import AssayTensors

/// y = start, start + delta, … up to and without limit.
///
/// Operands: start, limit, delta, one element each. Result: one axis; its extent is known where the operands are integers
/// that are known before running.
public struct NumberRange: Operator {
    /// The name in the JSON form.
    public static let name = "NumberRange"
    /// The formula.
    public static let formula = "y[i] = start + i · delta, ⌈(limit − start) / delta⌉ elements"

    /// Equally spaced numbers.
    public init() {}

    /// One multiplication and addition each.
    public var exactness: Exactness { .rounding }

    /// One axis.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let start = try require(operands, 0, "the start")
        let limit = try require(operands, 1, "the limit")
        let delta = try require(operands, 2, "the step")
        let type = ElementType.promoted(.promoted(start.type, limit.type), delta.type)
        let known = [start, limit, delta].map { $0.integers?.first }
        guard let first = known[0], let end = known[1], let step = known[2]?.value else { return [Fact(type, nil)] }
        guard let low = first.value, let high = end.value else {
            // From zero in steps of one there are as many as the limit says.
            return [Fact(type, first == 0 && step == 1 ? [end] : nil)]
        }
        guard step != 0 else { throw mismatch("the step is zero") }
        let bound: UInt = 1 << 53
        guard [low, high, step].allSatisfy({ $0.magnitude < bound }) else { throw mismatch("the range is too large") }
        let count = max(0, (high - low + (step > 0 ? step - 1 : step + 1)) / step)
        return [Fact(type, [.known(count)], integers: count > 1024 ? nil : (0..<count).map { .known(low + $0 * step) })]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (start, limit, delta) = (try given(operands, 0), try given(operands, 1), try given(operands, 2))
        guard let low = start.values.first, let high = limit.values.first, let step = delta.values.first, step != 0
        else { throw mismatch("an operand is empty, or the step is zero") }
        let count = ((high - low) / step).rounded(.up)
        guard count < 0x1p40 else { throw mismatch("the range is too large", found: "\(count)") }
        let type = ElementType.promoted(.promoted(start.type, limit.type), delta.type)
        let values = (0..<max(0, Int(count))).map { low + Double($0) * step }
        return [ReferenceTensor(type, [values.count], values)]
    }

    /// Element by element.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let y = call.result()
        let (start, delta) = (call.operand(0), call.operand(2))
        if y.storage == .integer, let low = start.integer(at: 0), let step = delta.integer(at: 0) {
            for index in 0..<y.count { y.integers[index] = Int64(low &+ index &* step) }
        } else {
            let (low, step) = (start.double(at: 0), delta.double(at: 0))
            for index in 0..<y.count { y.set(index, to: low + Double(index) * step) }
        }
    }
}
