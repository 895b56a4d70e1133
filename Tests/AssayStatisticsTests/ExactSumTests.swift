// Exact sums: the rounded exact value, whatever the order and grouping.

import AssayExecution
import AssayStatistics
import Testing

@Suite("Exact sum")
struct ExactSumTests {
    private func sum(_ values: [Double]) -> ExactSum {
        var sum = ExactSum()
        for value in values { sum.add(value) }
        return sum
    }

    @Test(
        "one term is itself",
        arguments: [
            0, 1, -1, 0.1, 1e300, -1e-300, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
            .greatestFiniteMagnitude, 1 / 3.0, -123456.789e-200,
        ])
    func single(value: Double) {
        #expect(sum([value]).value == value)
        #expect(sum([value, -value]).value == 0)
        #expect(sum([value, 1e280, -1e280]).value == value)
    }

    @Test("ties go to even, and a trifle below breaks them")
    func rounding() {
        let ulp = 0x1p-52
        #expect(sum([1, ulp / 2]).value == 1)
        #expect(sum([1 + ulp, ulp / 2]).value == 1 + 2 * ulp)
        #expect(sum([1, ulp / 2, .leastNonzeroMagnitude]).value == 1 + ulp)
        #expect(sum([-1, -ulp / 2, -.leastNonzeroMagnitude]).value == -1 - ulp)
        #expect(sum([.greatestFiniteMagnitude, .greatestFiniteMagnitude]).value == .infinity)
        #expect(
            sum([.greatestFiniteMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]).value
                == .greatestFiniteMagnitude)
    }

    @Test("any order and any grouping give the same sum, and storing keeps it", arguments: 0..<10 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var generator = RandomGenerator(seed: seed)
        let values = (0..<500).map { _ in
            generator.normal() * Double(sign: .plus, exponent: generator.integer(below: 400) - 200, significand: 1)
        }
        let whole = sum(values)
        #expect(sum(values.shuffled(using: &generator)) == whole)
        #expect(sum(values.reversed()).value == whole.value)
        var parts = sum(Array(values[300...]))
        parts.add(sum(Array(values[..<120])))
        parts.add(sum(Array(values[120..<300])))
        #expect(parts == whole)
        #expect(ExactSum(storedDigits: parts.storedDigits) == whole)
        // Against integers: the same sum with an exponent that 128 bits hold.
        let integers = values.map { _ in Int64(truncatingIfNeeded: generator.next()) >> 11 }
        let exact = integers.reduce(Int128(0)) { $0 + Int128($1) }
        #expect(sum(integers.map { Double($0) }).value == Double(exact))
    }

    @Test("digits that no sum has are refused")
    func damaged() {
        #expect(ExactSum(storedDigits: [(68, 1)]) == nil)
        #expect(ExactSum(storedDigits: [(-1, 1)]) == nil)
        #expect(ExactSum(storedDigits: [(3, 1 << 32)]) == nil)
        #expect(ExactSum(storedDigits: [(3, 1), (3, 1)]) == nil)
        #expect(ExactSum(storedDigits: [(67, .max)]) == nil)
        #expect(ExactSum(storedDigits: [(67, .min)]) == nil)
    }
}
