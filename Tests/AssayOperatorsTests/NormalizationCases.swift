// Cases of normalisations and softmax: last axes and others, odd and large widths, operands left out, large offsets.

import AssayGraph
import AssayTensors

@testable import AssayOperators

let normalizationCases: [OperatorCase] = {
    var random = RandomOperands(seed: 201)
    var cases: [OperatorCase] = []
    let layouts: [([Int], [Int])] = [
        ([3, 7], [-1]), ([2, 3, 5], [1]), ([2, 3, 5], [0, 2]), ([2, 3, 5], [2, 1]), ([4, 1], [-1]), ([0, 3], [1]),
        ([2, 769], [1]), ([5], [0]), ([130, 1_000], [-1]), ([300, 70, 3], [1]),
    ]
    for (shape, axes) in layouts {
        let extents = axes.map { $0 < 0 ? $0 + shape.count : $0 }.sorted().map { shape[$0] }
        var x = random.reals(shape, scale: 3)
        let (gamma, beta) = (random.reals(extents), random.reals(extents))
        let name = "\(shape) over \(axes)"
        cases += [
            OperatorCase(name, LayerNormalization(axes: axes, epsilon: 1e-3), [x, gamma, beta]),
            OperatorCase("\(name), no beta", LayerNormalization(axes: axes, epsilon: 1e-6), [x, gamma]),
            OperatorCase("\(name), no gamma", LayerNormalization(axes: axes, epsilon: 1e-6), [x, nil, beta]),
            OperatorCase(name, RMSNormalization(axes: axes, epsilon: 1e-6), [x, gamma]),
            OperatorCase("\(name), no scale", RMSNormalization(axes: axes, epsilon: 1e-6), [x]),
            OperatorCase(name, UnitNormalization(axes: axes, epsilon: 1e-12), [x]),
            OperatorCase("\(name), l1", UnitNormalization(axes: axes, epsilon: 1e-7, ordinal: 1), [x]),
            OperatorCase(name, Softmax(axes: axes), [x]),
            OperatorCase("\(name), mask", Softmax(axes: axes), [x, random.booleans(shape)]),
        ]
        if axes.count == 1 {
            cases.append(OperatorCase(name, LogSoftmax(axis: axes[0]), [x]))
            if shape.reduce(1, *) < 10_000 { cases.append(OperatorCase(name, Sparsemax(axis: axes[0]), [x])) }
        }
        // A mean far from zero: the deviations must not drown in its rounding.
        x.values = x.values.map { Double(Float($0 + 1000)) }
        cases.append(
            OperatorCase("\(name), far from zero", LayerNormalization(axes: axes, epsilon: 1e-3), [x, gamma, beta]))
    }
    cases.append(OperatorCase("integers", Softmax(axes: [-1]), [random.integers([3, 4], -3...3)]))
    for zeroes in [false, true] {
        let mask = ReferenceTensor(.bool, [2, 1], [0, 1])
        let operation = Softmax(axes: [-1], zeroesHiddenRows: zeroes)
        cases.append(OperatorCase("a row of nothing, \(zeroes)", operation, [random.reals([2, 3]), mask]))
    }
    return cases + channelCases(&random)
}()

private func channelCases(_ random: inout RandomOperands) -> [OperatorCase] {
    var cases: [OperatorCase] = []
    for (shape, axis) in [([4, 6], -1), ([2, 5, 3, 6], -1), ([2, 6, 5, 3], 1), ([0, 6], 1), ([9, 40, 40, 6], 3)] {
        let x = random.reals(shape, scale: 2)
        let (gamma, beta, mean) = (random.reals([6]), random.reals([6]), random.reals([6]))
        var variance = random.reals([6])
        variance.values = variance.values.map { abs($0) }
        let batch = BatchNormalization(axis: axis, epsilon: 1e-3)
        let name = "\(shape), axis \(axis)"
        cases += [
            OperatorCase(name, batch, [x, gamma, beta, mean, variance]),
            OperatorCase("\(name), mean and variance alone", batch, [x, nil, nil, mean, variance]),
        ]
        for groups in [1, 3, 6, -1] {
            let group = GroupNormalization(groups: groups, axis: axis, epsilon: 1e-3)
            // One element has no variance worth comparing.
            guard shape.count > 2 || groups == 1 || groups == 3 else { continue }
            cases.append(OperatorCase("\(name), \(groups) groups", group, [x, gamma, beta]))
        }
    }
    return cases
}
