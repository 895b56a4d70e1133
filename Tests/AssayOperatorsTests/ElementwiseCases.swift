// Cases of elementwise operators: every function, operands that broadcast, integers and booleans, nothing at all.

import AssayGraph
import AssayTensors

@testable import AssayOperators

/// Shapes of two operands that broadcast.
let broadcastingShapes: [([Int], [Int])] = [
    ([5], [5]), ([], []), ([3, 1, 7], [4, 1]), ([2, 3, 37], [37]), ([2, 3, 37], [2, 3, 1]), ([1, 1], [6, 5]),
    ([0, 3], [1, 3]), ([2, 1, 3, 1], [1, 4, 1, 5]), ([], [3, 2]), ([70_003], [1]), ([3, 40_001], [3, 40_001]),
]

let binaryCases: [OperatorCase] = {
    var random = RandomOperands(seed: 101)
    var cases: [OperatorCase] = []
    for (index, (first, second)) in broadcastingShapes.enumerated() {
        // The large shapes are for the kernels and the threads, not for the oracle's patience.
        let functions: [BinaryFunction] = index < 9 ? BinaryFunction.allCases : [.add, .power]
        for function in functions {
            var a = random.reals(first, scale: 4)
            if function == .power { a.values = a.values.map { abs($0) } }
            let b = random.reals(second, scale: 3)
            cases.append(OperatorCase("\(function) of \(first) and \(second)", Binary(function), [a, b]))
        }
    }
    for function in BinaryFunction.allCases {
        let (a, b) = (random.integers([3, 5], -9...9), random.integers([5], -3...3))
        if function != .power { cases.append(OperatorCase("\(function) of integers", Binary(function), [a, b])) }
        cases.append(
            OperatorCase("\(function) of an integer and a real", Binary(function), [a, random.reals([3, 1])]))
    }
    cases.append(
        OperatorCase(
            "power of integers", Binary(.power), [random.integers([9], -4...4), random.integers([9], 0...5)]))
    cases.append(
        OperatorCase("booleans added", Binary(.add), [random.booleans([4, 3]), random.booleans([3])]))
    let special = ReferenceTensor(.f32, [5], [.nan, 1, .infinity, -.infinity, 0])
    for function in [BinaryFunction.maximum, .minimum, .add, .multiply] {
        let all = ReferenceTensor(.f32, [5, 1], special.values)
        cases.append(OperatorCase("\(function) of special values", Binary(function), [special, all]))
    }
    return cases
}()

let comparisonCases: [OperatorCase] = {
    var random = RandomOperands(seed: 102)
    var cases: [OperatorCase] = []
    for (first, second) in broadcastingShapes.dropLast(2) {
        for function in CompareFunction.allCases {
            let (a, b) = (random.integers(first, -2...2), random.integers(second, -2...2))
            let real = ReferenceTensor(.f32, second, b.values)
            cases.append(OperatorCase("\(function) of integers \(first)", Compare(function), [a, b]))
            cases.append(OperatorCase("\(function) of both kinds \(first)", Compare(function), [a, real]))
        }
        for function in LogicalFunction.allCases {
            let (a, b) = (random.booleans(first), random.booleans(second))
            cases.append(OperatorCase("\(function) \(first)", Logical(function), [a, b]))
            cases.append(
                OperatorCase("\(function) of a real \(first)", Logical(function), [a, random.integers(second, 0...1)]))
        }
        let condition = random.booleans(first)
        let (a, b) = (random.reals(second), random.reals([1]))
        cases.append(OperatorCase("\(first)", Where(), [condition, a, b]))
        cases.append(OperatorCase("mixed \(first)", Where(), [condition, a, random.integers(first, -5...5)]))
    }
    let special = ReferenceTensor(.f32, [3], [.nan, 1, .infinity])
    for function in CompareFunction.allCases {
        let column = ReferenceTensor(.f32, [3, 1], special.values)
        cases.append(OperatorCase("\(function) of special values", Compare(function), [special, column]))
    }
    cases.append(OperatorCase("booleans", LogicalNot(), [random.booleans([3, 7])]))
    cases.append(OperatorCase("integers", LogicalNot(), [random.integers([9], 0...1)]))
    return cases
}()

/// Every activation function, with attributes that are not their defaults.
let activationFunctions: [ActivationFunction] = [
    .linear, .relu(), .relu(maxValue: 2, negativeSlope: 0.25, threshold: 0.5), .sigmoid, .tanh,
    .gelu(approximate: false), .gelu(approximate: true), .elu(alpha: 1.5), .selu, .celu(alpha: 2), .softplus, .softsign,
    .silu, .hardSigmoid(slope: 0.25, offset: 0.5), .hardSwish, .exponential, .mish, .leakyRelu(slope: 0.125), .hardTanh,
    .hardShrink(threshold: 0.5), .softShrink(threshold: 0.5), .tanhShrink, .threshold(threshold: 0.25, value: -3),
    .logSigmoid, .sparsePlus, .sparseSigmoid, .squareplus(b: 3),
]

let unaryCases: [OperatorCase] = {
    var random = RandomOperands(seed: 103)
    var cases: [OperatorCase] = []
    let special = ReferenceTensor(.f32, [7], [.nan, .infinity, -.infinity, 0, -0.0, 1, -2.5])
    for function in UnaryFunction.allCases {
        for shape in [[], [0], [2, 37], [5_003]] {
            var x = random.reals(shape, scale: 3)
            if [.arcsin, .arccos, .arctanh].contains(function) { x.values = x.values.map { $0 / 4 } }
            if [.log, .log2, .log10, .sqrt, .rsqrt].contains(function) { x.values = x.values.map { abs($0) + 0.25 } }
            if function == .log1p { x.values = x.values.map { abs($0) } }
            if function == .arccosh { x.values = x.values.map { abs($0) + 1 } }
            cases.append(OperatorCase("\(function) \(shape)", Unary(function), [x]))
        }
        cases.append(OperatorCase("\(function) of special values", Unary(function), [special]))
        cases.append(OperatorCase("\(function) of integers", Unary(function), [random.integers([4], 1...3)]))
    }
    for function in activationFunctions {
        for shape in [[], [0, 3], [3, 37], [9_001]] {
            let x = random.reals(shape, scale: 5)
            cases.append(OperatorCase("\(function) \(shape)", Activation(function), [x]))
        }
        cases.append(OperatorCase("\(function) of integers", Activation(function), [random.integers([5], -2...2)]))
    }
    return cases + conversionCases(&random)
}()

private func conversionCases(_ random: inout RandomOperands) -> [OperatorCase] {
    var cases: [OperatorCase] = []
    let values = [
        random.reals([3, 5], scale: 300), random.integers([3, 5], -70_000...70_000), random.booleans([3, 5]),
    ]
    for value in values {
        for type in ElementType.allCases where type != .u64 {
            cases.append(OperatorCase("\(value.type) to \(type)", Cast(type), [value]))
        }
        cases.append(OperatorCase("\(value.type)", Identity(), [value]))
        guard value.type != .bool else { continue }
        cases.append(OperatorCase("\(value.type)", Clip(minimum: -2, maximum: 0.5), [value]))
        cases.append(OperatorCase("\(value.type), one bound", Clip(minimum: 1, maximum: nil), [value]))
    }
    let (x, slope) = (random.reals([2, 3, 5]), random.reals([3, 1]))
    cases.append(OperatorCase("a slope a channel", ParametricRelu(), [x, slope]))
    for axis in [0, 1, -1] {
        cases.append(OperatorCase("axis \(axis)", GatedLinearUnit(axis: axis), [random.reals([4, 6, 10], scale: 2)]))
    }
    return cases
}
