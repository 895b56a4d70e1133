// Operators that measure: they stand in the joint graph behind the two values that they compare, so that both are released
// as soon as they were compared.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors

/// How the elements of a value lie beside those of its counterpart.
enum ElementOrder: String, Sendable, Hashable, Codable {
    /// In the same row-major order, whatever the shapes.
    case same
    /// In another: the axes are exchanged. The sorted elements are compared.
    case other
}

/// y = what lies between a and b (`DifferenceSums`). Operands: a, b of as many elements. Result: a row of sums.
struct DifferenceProbe: Operator {
    static let name = "DifferenceProbe"
    static let formula = "y = (n, max |a − b|, …, Σ (a − b)², Σ a², Σ b², Σ ab, …)"

    var order = ElementOrder.same
    var tolerance: OutputTolerance?

    var exactness: Exactness { .accumulating }

    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let a = try require(operands, 0, "the value")
        let b = try require(operands, 1, "the counterpart")
        if let mine = a.knownShape, let theirs = b.knownShape, mine.count != theirs.count {
            throw mismatch("values of different sizes", expected: "\(mine)", found: "\(theirs)")
        }
        return [Fact(.f64, [.known(DifferenceSums.width)])]
    }

    func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard operands.count == 2, let a = operands[0], let b = operands[1] else { throw mismatch("two operands") }
        return [ReferenceTensor(.f64, [DifferenceSums.width], sums(a.values, b.values).vector)]
    }

    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (a, b) = (call.operand(0), call.operand(1))
        let found: DifferenceSums
        if order == .same, a.storage == .real, b.storage == .real {
            found = DifferenceSums(
                UnsafeBufferPointer(start: a.reals, count: a.count),
                UnsafeBufferPointer(start: b.reals, count: b.count),
                tolerance: tolerance)
        } else {
            found = sums(a.doubles, b.doubles)
        }
        let result = call.result().reals
        for (index, number) in found.vector.enumerated() { result[index] = Scalar(number) }
    }

    private func sums(_ a: [Double], _ b: [Double]) -> DifferenceSums {
        switch order {
        case .same: return DifferenceSums(a, b, tolerance: tolerance)
        case .other:
            // Numbers first, in order; what is no number stands behind.
            let key = { (left: Double, right: Double) in right.isNaN ? !left.isNaN : left < right }
            return DifferenceSums(a.sorted(by: key), b.sorted(by: key), tolerance: tolerance)
        }
    }
}

/// y = how many floats lie between a and b: median, 99th percentile and maximum. Operands: a, b. Result: three integers.
struct FloatDistanceProbe: Operator {
    static let name = "FloatDistanceProbe"
    static let formula = "y = quantiles of |order(a) − order(b)|"

    var order = ElementOrder.same

    var exactness: Exactness { .exact }

    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] { [Fact(.i64, [.known(3)])] }

    func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard operands.count == 2, let a = operands[0], let b = operands[1] else { throw mismatch("two operands") }
        let units = distances(a.values, b.values)
        return [ReferenceTensor(.i64, [3], [units.median, units.percentile99, units.maximum].map { Double($0) })]
    }

    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (a, b) = (call.operand(0), call.operand(1))
        let units: UnitsInLastPlace
        if order == .same, a.storage == .real, b.storage == .real, Scalar.self == Float.self {
            units = UnitsInLastPlace(
                UnsafeBufferPointer(start: a.start.assumingMemoryBound(to: Float.self), count: a.count),
                UnsafeBufferPointer(start: b.start.assumingMemoryBound(to: Float.self), count: b.count))
        } else {
            units = distances(a.doubles, b.doubles)
        }
        let result = call.result().integers
        for (index, number) in [units.median, units.percentile99, units.maximum].enumerated() {
            result[index] = Int64(number)
        }
    }

    private func distances(_ a: [Double], _ b: [Double]) -> UnitsInLastPlace {
        var (mine, theirs) = (a.map { Float($0) }, b.map { Float($0) })
        if order == .other {
            mine.sort()
            theirs.sort()
        }
        return UnitsInLastPlace(mine, theirs)
    }
}

extension FastTensor {
    /// Every element as a double, whatever the storage.
    var doubles: [Double] {
        switch storage {
        case .real: (0..<count).map { Double(reals[$0]) }
        case .integer: (0..<count).map { Double(integers[$0]) }
        case .boolean: (0..<count).map { booleans[$0] == 0 ? 0 : 1 }
        }
    }
}
