// Cases of what Keras has for images and their categories: adaptive pooling, local kernels, convolutional recurrence, bins.

import AssayGraph
import AssayTensors
import Testing

@testable import AssayOperators

let imageCases: [OperatorCase] = adaptiveCases + localCases + convolutionalCases + binCases + hashCases

private let adaptiveCases: [OperatorCase] = {
    var random = RandomOperands(seed: 31)
    var cases: [OperatorCase] = []
    for (input, size) in [([9], [3]), ([7], [5]), ([3], [8]), ([7, 9], [2, 5]), ([5, 6, 7], [3, 1, 4])] {
        for kind in [PoolingKind.max, .average] {
            for channelsFirst in [false, true] {
                let x = random.reals(ChannelOrder(channelsFirst: channelsFirst).shape(2, input, 3))
                cases.append(
                    OperatorCase(
                        "\(input) into \(size), \(kind)",
                        AdaptivePooling(kind, size: size, channelsFirst: channelsFirst), [x]))
            }
        }
    }
    return cases
}()

private let localCases: [OperatorCase] = {
    var random = RandomOperands(seed: 32)
    var cases: [OperatorCase] = []
    for (input, window, strides, counts) in [
        ([7], [3], [1], [5]), ([8], [2], [3], [3]), ([4, 5], [2, 3], [2, 1], [2, 3]),
        ([3, 3, 4], [2, 1, 2], [1, 2, 2], [2, 2, 2]),
    ] {
        let (channels, units) = (3, 2)
        let x = random.reals([4] + input + [channels])
        let kernel = random.reals([counts.reduce(1, *), window.reduce(channels, *), units])
        let operation = LocallyConnected(window: window, strides: strides)
        cases.append(OperatorCase("\(window) over \(input)", operation, [x, kernel]))
        cases.append(
            OperatorCase("\(window) over \(input), bias", operation, [x, kernel, random.reals(counts + [units])]))
    }
    return cases
}()

private let convolutionalCases: [OperatorCase] = {
    var random = RandomOperands(seed: 33)
    var cases: [OperatorCase] = []
    for (spatial, window) in [([5], [3]), ([4, 3], [2, 3]), ([2, 3, 3], [2, 2, 1])] {
        let (batch, time, units) = (3, 4, 2)
        let z = random.reals([batch, time] + spatial + [4 * units])
        let kernel = random.reals(window + [units, 4 * units], scale: 0.5)
        var mask = random.booleans([batch, time])
        for step in 0..<time { mask.values[step] = 0 }
        let state = [batch] + spatial + [units]
        cases.append(OperatorCase("\(spatial)", ConvolutionalLSTM(), [z, kernel]))
        cases.append(
            OperatorCase(
                "\(spatial), backwards, mask, states",
                ConvolutionalLSTM(
                    activation: .relu(), recurrentActivation: .hardSigmoid(slope: 0.2, offset: 0.5), goBackwards: true),
                [z, kernel, mask, random.reals(state), random.reals(state)]))
    }
    return cases
}()

private let binCases: [OperatorCase] = [
    OperatorCase(
        "more values than bins", BinBoundaries(count: 3),
        [ReferenceTensor(.f32, [2, 5], [-2, -1, 0, 1.5, 4, 1, 2, 1, 1, 2])]),
    OperatorCase(
        "fewer values than bins", BinBoundaries(count: 9), [ReferenceTensor(.f32, [2, 3], [-2, -1, 0, 1, 2, 1])]),
]

private let hashCases: [OperatorCase] = [
    OperatorCase(
        "texts of all lengths", IntegerHash(bins: 1_000_003),
        [ReferenceTensor(.i64, [5], [-5, 0, 123_456, 12_345_678, -1_234_567_890_123])]),
    OperatorCase(
        "texts with a salt", IntegerHash(bins: 1_000_003, salt: [133, 137]),
        [ReferenceTensor(.i64, [5], [-5, 0, 123_456, 12_345_678, -1_234_567_890_123])]),
]

@Suite struct IntegerHashTests {
    /// What `tf.strings.to_hash_bucket_fast(tf.as_string(x), 1000003)` of TensorFlow 2.15 gives.
    @Test func isTensorFlows() throws {
        let x = ReferenceTensor(.i64, [4], [-5, 123_456, 12_345_678, -1_234_567_890_123])
        #expect(try IntegerHash(bins: 1_000_003).reference([x])[0].values == [537901, 51347, 470335, 509607])
    }

    /// What `tf.strings.to_hash_bucket_strong(tf.as_string(x), 1000003, key=[133, 137])` of TensorFlow 2.15 gives.
    @Test func isTensorFlowsWithSalt() throws {
        let x = ReferenceTensor(.i64, [5], [-5, 123_456, 12_345_678, -1_234_567_890_123, 0])
        let hash = IntegerHash(bins: 1_000_003, salt: [133, 137])
        #expect(try hash.reference([x])[0].values == [44392, 421252, 100339, 579479, 876599])
    }
}
