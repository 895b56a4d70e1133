// Layer statistics: the measures by their definitions, what units do, exact merging, and the JSON form.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import Testing

@testable import AssayStatistics

@Suite("Layer statistics")
struct LayerStatisticsTests {
    private func statistics(
        _ values: [Float], width: Int, _ activation: ActivationClass = .unbounded
    ) -> LayerStatistics {
        var statistics = LayerStatistics(
            .init(
                name: "layer", className: "Dense", shape: [.symbolic("batch"), .known(width)], activation: activation))
        values.withUnsafeBufferPointer { statistics.add($0, width: width) }
        return statistics
    }

    private func normals(_ count: Int, seed: UInt64, offset: Double = 0) -> [Float] {
        var generator = RandomGenerator(seed: seed)
        return (0..<count).map { _ in Float(generator.normal() + offset) }
    }

    @Test("count, mean, deviation, norm and extremes are those of the definitions")
    func moments() throws {
        let statistics = statistics([1, -2, 3, 0, -0.0, 4, .nan, .infinity, -.infinity, -.infinity], width: 2)
        #expect(statistics.count == 10 && statistics.finiteCount == 6 && statistics.zeroCount == 2)
        #expect(statistics.nanCount == 1 && statistics.positiveInfinityCount == 1)
        #expect(statistics.negativeInfinityCount == 2)
        #expect(statistics.mean == 1)
        #expect(statistics.deviation == 2)
        #expect(statistics.norm == 30.0.squareRoot())
        #expect(statistics.minimum == -2 && statistics.maximum == 4)
        #expect(statistics.quantile(0) == -2 && statistics.quantile(1) == 4 && statistics.quantile(0.5) == 0)
        #expect(statistics.histogram(bins: 3) == [1, 3, 2])
    }

    @Test("a deviation far below the mean keeps its digits")
    func smallDeviation() throws {
        let statistics = statistics([16_777_215, 16_777_214, 16_777_215, 16_777_214], width: 2)
        #expect(statistics.deviation == 0.5)
    }

    @Test("nothing seen has no mean, and is written and read")
    func empty() throws {
        let empty = statistics([], width: 2)
        #expect(empty.mean == nil && empty.deviation == nil && empty.quantile(0.5) == nil && empty.norm == 0)
        #expect(try LayerStatistics(json: empty.json) == empty)
    }

    @Test("dead, saturated and outlier units")
    func units() throws {
        let rectified = statistics([0, 1, 6, 0.5, 0, 0, 6, 0.25], width: 4, .rectifier(upper: 6))
        #expect(rectified.channels?.dead == [0])
        #expect(rectified.channels?.alwaysSaturated == [2])
        let bounded = statistics([0.995, -0.5, -1, -0.999, 0.5, 0.99], width: 3, .bounded(lower: -1, upper: 1))
        #expect(bounded.channels?.alwaysSaturated == [0, 2])
        #expect(bounded.channels?.dead == [])
        let linear = statistics([1, 1.5, -70, 2, -1, 0.5, 3, 2], width: 4)
        #expect(linear.channels?.outliers == [.init(channel: 2, magnitude: 70, ratio: 35)])
    }

    @Test("entropy: a uniform row has ln n, a decided one nothing")
    func entropy() throws {
        let statistics = statistics([0.25, 0.25, 0.25, 0.25, 0, 1, 0, 0], width: 4, .probabilities)
        let entropy = try #require(statistics.entropy)
        #expect(entropy.rows == 2 && entropy.minimum == 0)
        #expect(abs(entropy.maximum - 1.3862943611198906) < 1e-15)
        #expect(entropy.share == 0.5)
    }

    @Test("parts merge to the whole bit for bit, in any order, also through JSON", arguments: 0..<5 as Range<UInt64>)
    func merging(seed: UInt64) throws {
        let values = normals(1200, seed: seed, offset: 3) + [.nan, 0, -0.0, .infinity, 1e-30, -1e30, 1, 2]
        for activation: ActivationClass in [.unbounded, .rectifier(upper: 4), .probabilities] {
            let whole = statistics(values, width: 8, activation)
            let parts = stride(from: 0, to: values.count, by: 248).map {
                statistics(Array(values[$0..<min($0 + 248, values.count)]), width: 8, activation)
            }
            var forward = parts[0]
            for part in parts.dropFirst() { try forward.add(LayerStatistics(json: JSON(parsing: part.json.text()))) }
            var backward = parts[parts.count - 1]
            for part in parts.dropLast().reversed() { try backward.add(part) }
            #expect(forward == whole)
            #expect(backward == whole)
            #expect(forward.json.text() == whole.json.text())
            #expect(forward.deviation == whole.deviation && forward.quantile(0.3) == whole.quantile(0.3))
        }
    }

    @Test("other layers are not merged, and JSON that contradicts itself is refused")
    func refusals() throws {
        var one = statistics([1, 2], width: 2)
        #expect(throws: AssayError.self) { try one.add(self.statistics([1, 2], width: 2, .probabilities)) }
        let text = one.json.text()
        for (good, bad) in [
            (#""count":2"#, #""count":3"#), (#""nan":0"#, #""nan":-1"#), (#""rows":1"#, #""rows":5"#),
            (#""zeros":0"#, #""zeros":9007199254740993"#), (#""kind":"unbounded""#, #""kind":"odd""#),
            (#""path":"layer""#, #""path":7"#), (#""active":[1,1]"#, #""active":[1]"#),
        ] {
            let start = try #require(text.firstRange(of: good))
            let damaged = text.replacingCharacters(in: start, with: bad)
            #expect(throws: AssayError.self, "\(bad)") { try LayerStatistics(json: JSON(parsing: damaged)) }
        }
    }
}

extension String {
    /// The first place of `part`.
    fileprivate func firstRange(of part: String) -> Range<String.Index>? { ranges(of: part).first }

    /// The text with `range` replaced.
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
