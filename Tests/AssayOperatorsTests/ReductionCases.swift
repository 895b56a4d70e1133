// Cases of reductions, running sums and matrix products: every function, neighbouring axes and others, large ones.

import AssayGraph
import AssayTensors

@testable import AssayOperators

let reductionCases: [OperatorCase] = {
    var random = RandomOperands(seed: 401)
    var cases: [OperatorCase] = []
    let layouts: [([Int], [Int]?)] = [
        ([3, 4, 5], nil), ([3, 4, 5], [-1]), ([3, 4, 5], [1]), ([3, 4, 5], [0, 2]), ([3, 4, 5], [1, 0]), ([], nil),
        ([3, 4], []), ([7, 1, 5], [0, 2]), ([2, 0, 3], [0]), ([2, 3, 301], [1]), ([5, 1_031], [1]),
    ]
    for (shape, axes) in layouts {
        for function in ReduceFunction.allCases {
            var x = random.reals(shape, scale: 2)
            if function == .logSum { x.values = x.values.map { abs($0) + 0.5 } }
            // Products of a thousand factors leave the range of a float.
            if function == .product, x.count > 500 { x.values = x.values.map { 1 + $0 / 1000 } }
            let name = "\(function) of \(shape) over \(axes.map(String.init(describing:)) ?? "all")"
            cases.append(OperatorCase(name, Reduce(function, axes: axes, keepDimensions: false), [x]))
            cases.append(OperatorCase("\(name), kept", Reduce(function, axes: axes, keepDimensions: true), [x]))
            guard function != .logSum, shape.count == 3 else { continue }
            let operation = Reduce(function, axes: axes, keepDimensions: false)
            cases.append(OperatorCase("\(name), integers", operation, [random.integers(shape, -3...3)]))
            cases.append(OperatorCase("\(name), booleans", operation, [random.booleans(shape)]))
        }
    }
    for axis in [0, 1, -1] {
        for (exclusive, reverse) in [(false, false), (true, false), (false, true), (true, true)] {
            let sum = CumulativeSum(axis: axis, exclusive: exclusive, reverse: reverse)
            cases.append(OperatorCase("axis \(axis)", sum, [random.reals([3, 4, 5])]))
            cases.append(OperatorCase("axis \(axis), integers", sum, [random.integers([3, 4, 5], -9...9)]))
        }
        for largest in [false, true] {
            let ties = random.integers([3, 4, 5], 0...2)
            let place = ArgReduce(largest: largest, axis: axis)
            let kept = ArgReduce(largest: largest, axis: axis, keepDimensions: true)
            cases.append(OperatorCase("axis \(axis), ties", place, [ties]))
            cases.append(OperatorCase("axis \(axis), kept", kept, [random.reals([3, 4, 5])]))
        }
    }
    let special = ReferenceTensor(.f32, [2, 4], [1, .nan, 3, .nan, -.infinity, 2, .infinity, 0])
    cases += [
        OperatorCase("special values", ArgReduce(largest: true, axis: 1), [special]),
        OperatorCase("ties", TopK(count: 3), [random.integers([4, 6], 0...3)]),
        OperatorCase("reals", TopK(count: 2), [random.reals([2, 3, 5])]),
    ]
    for function in [ReduceFunction.max, .min, .sum, .logSumExp] {
        cases.append(
            OperatorCase(
                "\(function) of special values", Reduce(function, axes: [1], keepDimensions: false), [special]))
        cases.append(
            OperatorCase(
                "\(function) of special columns", Reduce(function, axes: [0], keepDimensions: false), [special]))
    }
    cases += [
        OperatorCase("large rows", Reduce(.mean, axes: [-1], keepDimensions: false), [random.reals([300, 1_001])]),
        OperatorCase("large columns", Reduce(.mean, axes: [0], keepDimensions: false), [random.reals([301, 1_000])]),
    ]
    return cases
}()

let productCases: [OperatorCase] = {
    var random = RandomOperands(seed: 402)
    var cases: [OperatorCase] = []
    let shapes: [([Int], [Int])] = [
        ([3, 4], [4, 5]), ([4], [4, 5]), ([3, 4], [4]), ([4], [4]), ([2, 1, 3, 4], [5, 4, 2]), ([2, 3, 4], [4, 5]),
        ([0, 4], [4, 5]), ([3, 0], [0, 5]), ([4, 5], [2, 5, 3]), ([7, 33, 20], [7, 20, 9]),
    ]
    for (a, b) in shapes {
        func exchanged(_ shape: [Int], _ exchange: Bool) -> [Int] {
            exchange && shape.count > 1 ? shape.dropLast(2) + shape.suffix(2).reversed() : shape
        }
        for (first, second) in [(false, false), (true, false), (false, true), (true, true)] {
            let operation = MatMul(transposeA: first, transposeB: second)
            let operands = [random.reals(exchanged(a, first)), random.reals(exchanged(b, second))]
            cases.append(OperatorCase("\(a) \(b), \(first), \(second)", operation, operands))
        }
    }
    cases += [
        OperatorCase("integers", MatMul(), [random.integers([2, 3, 4], -5...5), random.integers([4, 2], -5...5)]),
        OperatorCase("mixed", MatMul(), [random.integers([3, 4], -5...5), random.reals([4, 2])]),
        OperatorCase("large", MatMul(), [random.reals([257, 65]), random.reals([65, 129])]),
        OperatorCase("several batches", MatMul(), [random.reals([12, 40, 33]), random.reals([12, 33, 41])]),
        OperatorCase("no bias", Linear(), [random.reals([2, 3, 5]), random.reals([5, 7])]),
        OperatorCase("bias", Linear(), [random.reals([2, 3, 5]), random.reals([5, 7]), random.reals([7])]),
        OperatorCase(
            "transposed", Linear(kernelIsTransposed: true),
            [random.reals([2, 3, 5]), random.reals([7, 5]), random.reals([7])]),
        OperatorCase("nothing", Linear(), [random.reals([2, 0]), random.reals([0, 3]), random.reals([3])]),
    ]
    return cases + einsumCases(&random)
}()

private func einsumCases(_ random: inout RandomOperands) -> [OperatorCase] {
    let equations: [(String, [[Int]])] = [
        ("abc,cd->abd", [[2, 3, 4], [4, 5]]), ("abc,cde->abde", [[2, 3, 4], [4, 2, 3]]),
        ("abcd,cde->abe", [[2, 3, 2, 4], [2, 4, 5]]), ("aecd,abcd->acbe", [[2, 3, 4, 5], [2, 6, 4, 5]]),
        ("acbe,aecd->abcd", [[2, 4, 6, 3], [2, 3, 4, 5]]), ("...x,xy->...y", [[2, 3, 4], [4, 5]]),
        ("...ij,...jk->...ik", [[3, 2, 4], [4, 5]]), ("...ij,...jk->...ik", [[3, 2, 4], [1, 4, 5]]),
        ("ii->i", [[4, 4]]),
        ("iij->j", [[3, 3, 2]]), ("ij->", [[3, 4]]), ("ab,bc,cd->ad", [[2, 3], [3, 4], [4, 5]]),
        ("ba,cb", [[3, 2], [4, 3]]),
        ("abc,de->ad", [[2, 3, 4], [5, 6]]), ("abc,abd->dc", [[2, 3, 4], [2, 3, 5]]), ("a,b->ba", [[3], [4]]),
        ("ab,ab->ab", [[3, 4], [3, 4]]), ("ab,b->a", [[0, 4], [4]]), ("ab,bc->ac", [[2, 0], [0, 3]]),
        ("bqhd,bkhd->bhqk", [[2, 30, 3, 8], [2, 31, 3, 8]]),
    ]
    return equations.map { equation, shapes in
        OperatorCase(equation, Einsum(equation: equation), shapes.map { random.reals($0) })
    }
}
