// Binary: arithmetic on two operands that broadcast.

import AssayGraph
import AssayTensors

/// What `Binary` does with two elements.
public enum BinaryFunction: String, Sendable, Hashable, Codable, CaseIterable {
    /// a + b.
    case add
    /// a − b.
    case subtract
    /// a · b.
    case multiply
    /// a / b; integers give floating-point numbers.
    case divide
    /// ⌊a / b⌋.
    case floorDivide
    /// a − b · ⌊a / b⌋: has the sign of b.
    case modulo
    /// aᵇ.
    case power
    /// The greater one; NaN if one is.
    case maximum
    /// The smaller one; NaN if one is.
    case minimum
    /// (a − b)².
    case squaredDifference
    /// a / b cut towards zero.
    case truncatedDivide
    /// The remainder of that: has the sign of a.
    case truncatedModulo
    /// The angle of the point (b, a).
    case arctan2
}

/// y = f(a, b) with NumPy's broadcasting.
///
/// Operands: a, b. Result: the shape that both broadcast to, of the type that both meet in; two booleans give a boolean.
public struct Binary: Operator {
    /// The name in the JSON form.
    public static let name = "Binary"
    /// The formula.
    public static let formula = "y[…] = f(a[…], b[…]), broadcast"
    /// What is done with two elements.
    public var function: BinaryFunction

    /// Arithmetic on two operands.
    public init(_ function: BinaryFunction) { self.function = function }

    /// One operation each.
    public var exactness: Exactness { .rounding }

    /// Sums, products and squared differences; extremes differ in the sign of zero.
    public var isCommutative: Bool {
        switch function {
        case .add, .multiply, .squaredDifference: true
        default: false
        }
    }

    /// An extreme of a value and itself is the value.
    public func passedOperand(operandsAreSame: Bool) -> Int? {
        operandsAreSame && (function == .maximum || function == .minimum) ? 0 : nil
    }

    /// The shape that both broadcast to.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let (a, b) = try pair(operands)
        var type = ElementType.promoted(a.type, b.type)
        if function == .divide || function == .arctan2, !type.isFloatingPoint { type = .f32 }
        let shape = try broadcast([a, b])
        return [
            Fact(type, shape, integers: type.isInteger ? KnownIntegers.combined([a, b]) { fold($0[0], $0[1]) } : nil)
        ]
    }

    private func fold(_ a: Dimension, _ b: Dimension) -> Dimension? {
        if let a = a.value, let b = b.value {
            return IntegerArithmetic.apply(function, Int64(a), Int64(b)).map { .known(Int($0)) }
        }
        return switch function {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .floorDivide, .truncatedDivide: a / b
        // An extent is not negative, whatever it is.
        case .maximum: a == b || b == 0 ? a : a == 0 ? b : nil
        case .minimum: a == b ? a : a == 0 || b == 0 ? 0 : nil
        default: nil
        }
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let a = try given(operands, 0)
        let b = try given(operands, 1)
        return [
            ReferenceTensor(type, shape) { position in
                let value = define(a.broadcast(position), b.broadcast(position))
                if type == .bool { return value == 0 ? 0 : 1 }
                // An integer division by zero has no value; it gives zero in all precisions.
                return type.isInteger && !value.isFinite ? 0 : value
            }
        ]
    }

    private func define(_ a: Double, _ b: Double) -> Double {
        switch function {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .floorDivide: (a / b).rounded(.down)
        case .modulo: RealArithmetic.modulo(a, b)
        case .power: RealArithmetic.power(a, b)
        case .maximum: a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
        case .minimum: a.isNaN || b.isNaN ? .nan : Swift.min(a, b)
        case .squaredDifference: (a - b) * (a - b)
        case .truncatedDivide: (a / b).rounded(.towardZero)
        case .truncatedModulo: a.truncatingRemainder(dividingBy: b)
        case .arctan2: RealArithmetic.arctan2(a, b)
        }
    }

    /// Either.
    public func canOverwrite(operand: Int) -> Bool { true }

    /// Row by row; integers in 64 bits.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (a, b, y) = (call.operand(0), call.operand(1), call.result())
        let loop = BroadcastLoop(result: y.shape, operands: [a.shape, b.shape])
        let steps = loop.steps
        guard a.storage == .real, b.storage == .real else { return mixed(a, b, y, loop, call.threads) }
        let kernel: RowKernels<Scalar>.Binary = function.kernel()
        loop.forEachRow(call.threads) { result, offsets, count in
            kernel(a.reals + offsets[0], steps[0], b.reals + offsets[1], steps[1], y.reals + result, count)
        }
    }

    /// Integers and booleans, or one of them beside reals: element by element.
    private func mixed<Scalar: FastScalar>(
        _ a: FastTensor<Scalar>, _ b: FastTensor<Scalar>, _ y: FastTensor<Scalar>, _ loop: BroadcastLoop,
        _ threads: ThreadPool
    ) {
        let steps = loop.steps
        let function = function
        if y.storage == .real {
            let apply: @Sendable (Double, Double) -> Double = RealArithmetic.function(function)
            return loop.forEachRow(threads) { result, offsets, count in
                for index in 0..<count {
                    let first = a.double(at: offsets[0] &+ index &* steps[0])
                    let second = b.double(at: offsets[1] &+ index &* steps[1])
                    y.reals[result + index] = Scalar(apply(first, second))
                }
            }
        }
        loop.forEachRow(threads) { result, offsets, count in
            for index in 0..<count {
                let first = Int64(a.integer(at: offsets[0] &+ index &* steps[0]) ?? 0)
                let second = Int64(b.integer(at: offsets[1] &+ index &* steps[1]) ?? 0)
                let value = IntegerArithmetic.apply(function, first, second) ?? 0
                if y.storage == .boolean {
                    y.booleans[result + index] = value == 0 ? 0 : 1
                } else {
                    y.integers[result + index] = value
                }
            }
        }
    }
}

extension Binary: RowOperator {
    /// Element by element, where the other operand has the same shape, is one row for all, or one element.
    public func rowDependence(on position: Int, _ operands: [Shape?], result: Shape) -> RowDependence? {
        guard let other = operands[1 - position], operands[position] == result, let width = result.extents.last else {
            return nil
        }
        return other == result || other.count == 1 || other.count == width && other.extents.last == width
            ? .element : nil
    }

    /// The function on a piece of a row and what stands beside it.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func rowFunction<Scalar: FastScalar>(
        _ call: FastCall<Scalar>, replacing position: Int
    ) -> RowFunction<Scalar> {
        let (y, other) = (call.operand(position), call.operand(1 - position))
        let kernel: RowKernels<Scalar>.Binary = function.kernel()
        let width = y.shape.last ?? 1
        let rowStep = other.count == y.count ? width : 0
        let step = other.count == 1 ? 0 : 1
        return { row, column, values, count in
            let beside = other.reals + (row * rowStep + column * step)
            if position == 0 {
                kernel(values, 1, beside, step, values, count)
            } else {
                kernel(beside, step, values, 1, values, count)
            }
        }
    }
}

extension BinaryFunction {
    /// The function on rows of reals.
    fileprivate func kernel<Scalar: FastScalar>() -> RowKernels<Scalar>.Binary {
        switch self {
        case .add: return Scalar.rows.add
        case .subtract: return Scalar.rows.subtract
        case .multiply: return Scalar.rows.multiply
        case .divide: return Scalar.rows.divide
        default:
            let apply: @Sendable (Scalar, Scalar) -> Scalar = RealArithmetic.function(self)
            return { first, firstStep, second, secondStep, target, count in
                for index in 0..<count {
                    target[index] = apply(first[index &* firstStep], second[index &* secondStep])
                }
            }
        }
    }
}
