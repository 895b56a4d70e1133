// Cast: the same values as another element type.

import AssayGraph
import AssayTensors

/// y = x as another type: towards an integer type values are cut towards zero and wrap, towards a boolean everything but
/// zero is true. Between floating-point types nothing changes: a model runs in one precision, which the caller chooses.
///
/// Operand: x. Result: its shape, of the new type.
public struct Cast: Operator {
    /// The name in the JSON form.
    public static let name = "Cast"
    /// The formula.
    public static let formula = "y[…] = x[…] as another type"
    /// The new type.
    public var type: ElementType

    /// A change of type.
    public init(_ type: ElementType) { self.type = type }

    /// No arithmetic.
    public var exactness: Exactness { .exact }

    /// The shape of x, of the new type.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the operand")
        switch StorageClass(type) {
        case .real: return [Fact(type, x.shape)]
        case .integer: return [Fact(type, x.shape, integers: x.integers)]
        case .boolean:
            let bits = KnownIntegers.combined([x]) { $0[0].value.map { $0 == 0 ? 0 : 1 } }
            return [Fact(type, x.shape, integers: bits)]
        }
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let values: [Double] =
            switch StorageClass(type) {
            case .real: x.values
            case .boolean: x.values.map { $0 == 0 ? 0 : 1 }
            case .integer: x.values.map { Double(wrap(Int64(saturating: $0))) }
            }
        return [ReferenceTensor(type, x.shape, values)]
    }

    /// Element by element.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        call.threads.forEachRange(y.count) { convert(x, to: y, $0) }
    }

    private func convert<Scalar: FastScalar>(_ x: FastTensor<Scalar>, to y: FastTensor<Scalar>, _ range: Range<Int>) {
        switch (x.storage, y.storage) {
        case (.real, .real), (.boolean, .boolean):
            y.copy(range.count, from: x, at: range.lowerBound, to: range.lowerBound)
        case (.boolean, .real): for index in range { y.reals[index] = x.booleans[index] == 0 ? 0 : 1 }
        case (.integer, .real): for index in range { y.reals[index] = Scalar(x.integers[index]) }
        case (.integer, .integer): for index in range { y.integers[index] = wrap(x.integers[index]) }
        case (_, .boolean): for index in range { y.booleans[index] = x.bit(index) }
        default: for index in range { y.integers[index] = wrap(Int64(saturating: x.double(at: index))) }
        }
    }

    /// The value that the integer type holds of `value`: its low bits.
    private func wrap(_ value: Int64) -> Int64 {
        switch type {
        case .i32: Int64(Int32(truncatingIfNeeded: value))
        case .i16: Int64(Int16(truncatingIfNeeded: value))
        case .i8: Int64(Int8(truncatingIfNeeded: value))
        case .u32: Int64(UInt32(truncatingIfNeeded: value))
        case .u16: Int64(UInt16(truncatingIfNeeded: value))
        case .u8: Int64(UInt8(truncatingIfNeeded: value))
        default: value
        }
    }
}
