// The loops of Reduce over [outer, extent, inner], with sums in double.

import AssayTensors
import Glibc

/// One reduction of the middle axis of `[outer, extent, inner]`.
struct ReduceKernel<Scalar: FastScalar>: Sendable {
    let function: ReduceFunction
    let split: AxisSplit
    let x: FastTensor<Scalar>
    let y: FastTensor<Scalar>

    func run(threads: ThreadPool) {
        guard y.count > 0 else { return }
        guard x.storage == .real, y.storage == .real else { return runElements() }
        if split.inner == 1 {
            threads.forEachPart(split.outer, pieceCost: split.extent) { rows in
                for row in rows {
                    y.reals[row] = Scalar(reduceRow(x.reals + row * split.extent))
                }
            }
        } else {
            let width = 128
            let bands = (split.inner + width - 1) / width
            threads.forEachPart(split.outer * bands, pieceCost: split.extent * min(width, split.inner)) { pieces in
                for piece in pieces {
                    let first = piece % bands * width
                    reduceColumns(piece / bands, first..<min(first + width, split.inner))
                }
            }
        }
    }

    /// One contiguous row.
    private func reduceRow(_ row: UnsafePointer<Scalar>) -> Double {
        let count = split.extent
        switch function {
        case .sum: return Scalar.rows.sum(row, count)
        case .mean: return Scalar.rows.sum(row, count) / Double(count)
        case .logSum: return log(Scalar.rows.sum(row, count))
        case .sumSquares: return Scalar.rows.sumOfSquares(row, 0, count)
        case .l2: return Scalar.rows.sumOfSquares(row, 0, count).squareRoot()
        case .variance, .standardDeviation:
            let mean = Scalar.rows.sum(row, count) / Double(count)
            let variance = Scalar.rows.sumOfSquares(row, mean, count) / Double(count)
            return function == .variance ? variance : variance.squareRoot()
        default:
            var state = start
            var shift = 0.0
            if function == .logSumExp { shift = greatest(row, count) }
            for index in 0..<count { state = step(state, Double(row[index]), shift) }
            return finish(state, shift)
        }
    }

    /// The greatest element, zero where it is not finite, since infinities must not be subtracted.
    private func greatest(_ row: UnsafePointer<Scalar>, _ count: Int) -> Double {
        var most = -Double.infinity
        for index in 0..<count { most = max(most, Double(row[index])) }
        return most.isFinite ? most : 0
    }

    /// Several columns at once, row by row, so that memory is read in its order.
    private func reduceColumns(_ outer: Int, _ columns: Range<Int>) {
        let base = UnsafePointer(x.reals) + outer * split.extent * split.inner + columns.lowerBound
        let result = y.reals + outer * split.inner + columns.lowerBound
        let width = columns.count
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * width) { buffer in
            guard let states = buffer.baseAddress else { return }
            let shifts = states + width
            prepareShifts(base, shifts, width)
            for column in 0..<width { (states + column).initialize(to: start) }
            for row in 0..<split.extent {
                let values = base + row * split.inner
                switch function {
                case .sum, .mean, .logSum: for column in 0..<width { states[column] += Double(values[column]) }
                default:
                    for column in 0..<width {
                        states[column] = step(states[column], Double(values[column]), shifts[column])
                    }
                }
            }
            for column in 0..<width { result[column] = Scalar(finish(states[column], shifts[column])) }
        }
    }

    /// What is subtracted from each column first: its mean for the variance, its maximum for logSumExp.
    private func prepareShifts(
        _ base: UnsafePointer<Scalar>, _ shifts: UnsafeMutablePointer<Double>, _ width: Int
    ) {
        shifts.initialize(repeating: function == .logSumExp ? -.infinity : 0, count: width)
        guard function == .variance || function == .standardDeviation || function == .logSumExp else { return }
        for row in 0..<split.extent {
            let values = base + row * split.inner
            for column in 0..<width {
                let value = Double(values[column])
                shifts[column] = function == .logSumExp ? max(shifts[column], value) : shifts[column] + value
            }
        }
        for column in 0..<width {
            if function != .logSumExp { shifts[column] /= Double(split.extent) }
            if function == .logSumExp, !shifts[column].isFinite { shifts[column] = 0 }
        }
    }

    /// Integers and booleans, or results that are.
    private func runElements() {
        for outer in 0..<split.outer {
            for inner in 0..<split.inner {
                let first = outer * split.extent * split.inner + inner
                let target = outer * split.inner + inner
                if y.storage == .integer {
                    y.integers[target] = reduceIntegers(first)
                } else {
                    y.set(target, to: reduceDoubles(first))
                }
            }
        }
    }

    private func reduceIntegers(_ first: Int) -> Int64 {
        func value(_ index: Int) -> Int64 {
            let offset = first + index * split.inner
            return x.storage == .integer ? x.integers[offset] : Int64(x.bit(offset))
        }
        var state: Int64 = function == .max ? .min : function == .min ? .max : function == .product ? 1 : 0
        for index in 0..<split.extent {
            let value = value(index)
            switch function {
            case .max: state = max(state, value)
            case .min: state = min(state, value)
            case .product: state = state &* value
            case .l1: state = state &+ (value < 0 ? 0 &- value : value)
            case .sumSquares: state = state &+ value &* value
            default: state = state &+ value
            }
        }
        return state
    }

    private func reduceDoubles(_ first: Int) -> Double {
        var shift = 0.0
        let values = (0..<split.extent).map { x.double(at: first + $0 * split.inner) }
        if function == .variance || function == .standardDeviation {
            shift = values.reduce(0, +) / Double(split.extent)
        } else if function == .logSumExp, let most = values.max(), most.isFinite {
            shift = most
        }
        return finish(values.reduce(start) { step($0, $1, shift) }, shift)
    }

    /// The state before the first element.
    private var start: Double {
        switch function {
        case .max: -.infinity
        case .min: .infinity
        case .product, .all: 1
        default: 0
        }
    }

    /// The state with one more element.
    @inline(__always)
    private func step(_ state: Double, _ value: Double, _ shift: Double) -> Double {
        switch function {
        case .sum, .mean, .logSum: state + value
        // A NaN is not equal to itself, and stays.
        case .max: state != state || state > value ? state : value
        case .min: state != state || state < value ? state : value
        case .product: state * value
        case .any: value == 0 ? state : 1
        case .all: value == 0 ? 0 : state
        case .variance, .standardDeviation: state + (value - shift) * (value - shift)
        case .l1: state + abs(value)
        case .l2, .sumSquares: state + value * value
        case .logSumExp: state + exp(value - shift)
        }
    }

    /// The result of the last state.
    private func finish(_ state: Double, _ shift: Double) -> Double {
        switch function {
        case .mean, .variance: state / Double(split.extent)
        case .standardDeviation: (state / Double(split.extent)).squareRoot()
        case .l2: state.squareRoot()
        case .logSumExp: shift + log(state)
        case .logSum: log(state)
        default: state
        }
    }
}
