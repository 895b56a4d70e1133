// The sketch: every quantile within its stated accuracy, and parts that add up to the whole.

import AssayExecution
import AssayStatistics
import Testing

@Suite("Quantile sketch")
struct QuantileSketchTests {
    private func values(_ seed: UInt64, _ count: Int) -> [Double] {
        var generator = RandomGenerator(seed: seed)
        return (0..<count).map { index in
            switch index % 4 {
            case 0: generator.normal()
            case 1: generator.normal() * 1e-9
            case 2: generator.integer(below: 3) == 0 ? 0 : Double(generator.integer(below: 1000))
            default: -abs(generator.normal()) * 1e12
            }
        }
    }

    private func sketch(_ values: some Sequence<Double>) -> QuantileSketch {
        var sketch = QuantileSketch()
        for value in values { sketch.add(value) }
        return sketch
    }

    @Test("every quantile is within the stated accuracy of its order statistic", arguments: 0..<5 as Range<UInt64>)
    func accuracy(seed: UInt64) throws {
        let values = values(seed, 3001).sorted()
        let sketch = sketch(values)
        #expect(sketch.count == 3001)
        for step in 0...100 {
            let q = Double(step) / 100
            let truth = values[Int(q * 3000)]
            let found = try #require(sketch.quantile(q))
            #expect(abs(found - truth) <= QuantileSketch.relativeAccuracy * abs(truth), "quantile \(q)")
        }
    }

    @Test("parts add up to the whole in any order", arguments: 0..<5 as Range<UInt64>)
    func merges(seed: UInt64) {
        let values = values(seed, 1000)
        let parts = stride(from: 0, to: 1000, by: 170).map { sketch(values[$0..<min($0 + 170, 1000)]) }
        var forward = QuantileSketch()
        for part in parts { forward.add(part) }
        var backward = QuantileSketch()
        for part in parts.reversed() { backward.add(part) }
        #expect(forward == sketch(values))
        #expect(backward == forward)
    }

    @Test("extremes of the number range have buckets too")
    func extremes() throws {
        let sketch = sketch([.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0, -0.0])
        #expect(sketch.count == 5 && sketch.zeros == 2)
        let largest = try #require(sketch.quantile(1))
        #expect(abs(largest / .greatestFiniteMagnitude - 1) <= QuantileSketch.relativeAccuracy)
        #expect(QuantileSketch().quantile(0.5) == nil)
    }
}
