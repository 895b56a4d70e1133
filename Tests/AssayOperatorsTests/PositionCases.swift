// Cases of positions: rotations in halves and pairs, of all features and some, at given positions and beyond the trained
// length; buckets of distances; sines and cosines.

import AssayGraph
import AssayTensors

@testable import AssayOperators

let positionCases: [OperatorCase] = {
    var random = RandomOperands(seed: 401)
    var cases: [OperatorCase] = []
    let frequencies = [1, 0.3, 0.05, 0.002]
    for (batch, sequence, heads, width) in [(1, 1, 1, 8), (2, 5, 3, 8), (3, 7, 2, 11), (2, 300, 4, 16), (1, 0, 2, 8)] {
        let x = random.reals([batch, sequence, heads, width], scale: 2)
        let own = random.integers([batch, sequence], 0...40)
        let common = random.integers([1, sequence], -3...9)
        let growth = RotaryEmbedding.Growth(factor: 2.5, trainedLength: 6)
        let name = "\(x.shape)"
        cases += [
            OperatorCase("\(name), halves", RotaryEmbedding(frequencies: frequencies), [x]),
            OperatorCase("\(name), pairs", RotaryEmbedding(frequencies: frequencies, isInterleaved: true), [x]),
            OperatorCase("\(name), own positions", RotaryEmbedding(frequencies: frequencies, scale: 1.3), [x, own]),
            OperatorCase("\(name), common positions", RotaryEmbedding(frequencies: frequencies), [x, common]),
            OperatorCase("\(name), one pair", RotaryEmbedding(frequencies: [0.7], isInterleaved: true), [x, common]),
            OperatorCase("\(name), growth", RotaryEmbedding(frequencies: frequencies, growth: growth), [x]),
            OperatorCase(
                "\(name), growth by positions", RotaryEmbedding(frequencies: frequencies, growth: growth), [x, own]),
        ]
    }
    for (target, source) in [(1, 1), (5, 9), (300, 280)] {
        let range = { (count: Int) in ReferenceTensor(.i64, [count], (0..<count).map(Double.init)) }
        for (buckets, distance) in [(32, 128), (8, 12), (7, 20), (4, 2)] {
            for both in [true, false] {
                let operation = RelativePositionBuckets(
                    bucketCount: buckets, maximumDistance: max(distance, buckets), isBidirectional: both)
                cases.append(
                    OperatorCase(
                        "\(buckets), \(target) × \(source), \(both)", operation, [range(target), range(source)]))
            }
        }
    }
    for width in [1, 6, 7] {
        for isInterleaved in [true, false] {
            let operation = SinusoidalPositions(width: width, isInterleaved: isInterleaved)
            cases.append(OperatorCase("\(width), \(isInterleaved)", operation, [random.integers([2, 9], -3...700)]))
        }
    }
    return cases
}()
