// All cases of operators, and the runners that take them: the fast path in both precisions, and several threads.

import AssayGraph
import AssayTensors
import Testing

@testable import AssayOperators

extension RandomOperands {
    /// Integers within a range.
    mutating func integers(_ shape: [Int], _ range: ClosedRange<Int>) -> ReferenceTensor {
        var value = reals(shape, scale: 0.5)
        value.type = .i64
        let count = Double(range.count)
        value.values = value.values.map { element in
            Double(range.lowerBound) + min(count - 1, ((element + 0.5) * count).rounded(.down))
        }
        return value
    }
}

@Suite struct OperatorSuite {
    @Test func binary() throws { try check(binaryCases) }
    @Test func comparison() throws { try check(comparisonCases) }
    @Test func unary() throws { try check(unaryCases) }
    @Test func normalization() throws { try check(normalizationCases) }
    @Test func movement() throws { try check(movementCases) }
    @Test func reduction() throws { try check(reductionCases) }
    @Test func positions() throws { try check(positionCases) }
    @Test func products() throws { try check(productCases) }

    /// Every case of a list through every runner, one message a case that fails.
    private func check(_ cases: [OperatorCase]) throws {
        for test in cases {
            do { try test.check() } catch { Issue.record(error, "\(test.testDescription)") }
        }
    }
}
