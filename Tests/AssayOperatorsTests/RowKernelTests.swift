// The vector kernels of the fast path: their error against the C library in double, special values, rows of every length, and
// rows in place.

import Glibc
import Testing

@testable import AssayOperators

/// A kernel and what it should compute.
private struct Kernel: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let row: RowKernels<Float>.Map
    let exact: @Sendable (Double) -> Double
}

private let kernels: [Kernel] = [
    Kernel(testDescription: "exp", row: Float.rows.exp) { exp($0) },
    Kernel(testDescription: "tanh", row: Float.rows.tanh) { tanh($0) },
    Kernel(testDescription: "erf", row: Float.rows.erf) { erf($0) },
    Kernel(testDescription: "sigmoid", row: Float.rows.sigmoid) { x in
        x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
    },
]

@Suite struct RowKernelTests {
    private func apply<Scalar: FastScalar>(_ map: RowKernels<Scalar>.Map, _ x: [Scalar]) -> [Scalar] {
        [Scalar](unsafeUninitializedCapacity: x.count) { buffer, initialized in
            x.withUnsafeBufferPointer { source in
                if let from = source.baseAddress, let to = buffer.baseAddress { map(from, to, x.count) }
            }
            initialized = x.count
        }
    }

    /// The distance in units of the last place of the exact value; of the smallest float below that.
    private func error(_ value: Float, _ exact: Double) -> Double {
        let unit = max(Double(Float(exact).ulp), Double(Float.leastNonzeroMagnitude))
        return abs(Double(value) - exact) / unit
    }

    @Test(arguments: kernels) fileprivate func errorIsBelowTwoUnits(_ kernel: Kernel) {
        // Every 509th float, both signs: all exponents, and mantissas without a pattern.
        var x: [Float] = []
        for bits in stride(from: UInt32(0), to: 0x7F80_0000, by: 509) {
            let value = Float(bitPattern: bits)
            x.append(value)
            x.append(-value)
        }
        let y = apply(kernel.row, x)
        var worst = (error: 0.0, at: 0 as Float)
        for (from, to) in zip(x, y) {
            let exact = kernel.exact(Double(from))
            if Float(exact).isInfinite {
                #expect(to.isInfinite, "\(kernel.testDescription)(\(from))")
            } else {
                let error = error(to, exact)
                if error > worst.error || error.isNaN { worst = (error, from) }
            }
        }
        #expect(worst.error <= 2, "\(kernel.testDescription): \(worst.error) units at \(worst.at)")
    }

    @Test func geluIsPreciseInItsTailToo() {
        let x = stride(from: Float(-13), to: 6, by: 0.0001).map { $0 }
        var worst = (left: 0.0, right: 0.0)
        for (from, to) in zip(x, apply(Float.rows.gelu, x)) {
            let error = error(to, 0.5 * Double(from) * erfc(-Double(from) / 2.0.squareRoot()))
            if from < 0 { worst.left = max(worst.left, error) } else { worst.right = max(worst.right, error) }
        }
        #expect(worst.left < 7 && worst.right < 2, "\(worst) units")
    }

    @Test(arguments: kernels) fileprivate func specialValues(_ kernel: Kernel) {
        let y = apply(kernel.row, [Float.nan, Float.infinity, -Float.infinity, 0, -0.0])
        #expect(y[0].isNaN)
        for (value, x) in zip(y.dropFirst(), [Double.infinity, -Double.infinity, 0, -0.0]) {
            let exact = Float(kernel.exact(x).isNaN ? 0 : kernel.exact(x))
            #expect(value == exact && value.sign == exact.sign, "\(kernel.testDescription)(\(x)) is \(value)")
        }
    }

    @Test(arguments: kernels) fileprivate func everyLengthGivesTheSame(_ kernel: Kernel) {
        let x = (0..<67).map { Float($0) * 0.37 - 12 }
        let whole = apply(kernel.row, x)
        for length in 0..<67 {
            #expect(apply(kernel.row, Array(x[..<length])) == Array(whole[..<length]), "\(length) elements")
        }
    }

    @Test func doublesAreExactToAFewUnits() {
        let x = [Double](stride(from: -40.0, through: 40, by: 0.000_37))
        let kernels: [(name: String, map: RowKernels<Double>.Map, exact: (Double) -> Double)] = [
            ("exp", Double.rows.exp, { exp($0) }), ("tanh", Double.rows.tanh, { tanh($0) }),
            ("erf", Double.rows.erf, { erf($0) }),
            ("sigmoid", Double.rows.sigmoid, { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }),
        ]
        for kernel in kernels {
            let errors = zip(x, apply(kernel.map, x)).map { abs($1 - kernel.exact($0)) / kernel.exact($0).ulp }
            #expect(errors.max() ?? .nan <= 4, "\(kernel.name)")
        }
        // 1 − erf loses three bits where erf is near one; in the tail the argument's error, of up to 1½ units here and there,
        // is felt x² times.
        let errors = zip(x, apply(Double.rows.gelu, x)).filter { abs($0.0) < 11 }.map { from, to in
            let exact = 0.5 * from * erfc(-from / 2.0.squareRoot())
            return abs(to - exact) / exact.ulp / (12 + 3 * from * from)
        }
        #expect(errors.max() ?? .nan <= 1, "gelu")
    }

    @Test func specialDoubles() {
        let x = [Double.nan, Double.infinity, -Double.infinity, 0, -0.0, 1e300, -1e300]
        let kernels: [(map: RowKernels<Double>.Map, exact: (Double) -> Double)] = [
            (Double.rows.exp, { exp($0) }), (Double.rows.tanh, { tanh($0) }), (Double.rows.erf, { erf($0) }),
        ]
        for kernel in kernels {
            let y = apply(kernel.map, x)
            #expect(y[0].isNaN)
            for (value, x) in zip(y, x).dropFirst() {
                #expect(value == kernel.exact(x) && value.sign == kernel.exact(x).sign, "\(x) gives \(value)")
            }
        }
    }

    @Test(arguments: kernels) fileprivate func inPlaceGivesTheSame(_ kernel: Kernel) {
        let x = (0..<1003).map { Float($0) * 0.037 - 12 }
        var y = x
        y.withUnsafeMutableBufferPointer { row in
            if let start = row.baseAddress { kernel.row(start, start, row.count) }
        }
        #expect(y == apply(kernel.row, x))
    }

    @Test func softmaxOfAnyLengthSumsToOne() {
        for length in 1..<70 {
            let x = (0..<length).map { Float($0 * 7919 % 31) - 1000 }
            let y = apply(Float.rows.softmax, x)
            let sum = y.reduce(0) { $0 + Double($1) }
            #expect(abs(sum - 1) < 1e-6, "\(length) elements sum to \(sum)")
            let greatest = x.max()
            let weights = x.map { exp(Double($0) - Double(greatest ?? 0)) }
            let total = weights.reduce(0, +)
            for (value, weight) in zip(y, weights) { #expect(abs(Double(value) - weight / total) < 1e-6) }
        }
    }

    @Test func sumsTakeEveryElementOnce() {
        for length in 0..<70 {
            let x = (0..<length).map { Float($0 * $0) }
            let exact = x.reduce(0) { $0 + Double($1) }
            x.withUnsafeBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return }
                #expect(Float.rows.sum(start, length) == exact)
                let squares = x.reduce(0) { $0 + (Double($1) - 3) * (Double($1) - 3) }
                #expect(abs(Float.rows.sumOfSquares(start, 3, length) - squares) <= squares * 1e-15)
            }
        }
    }
}
