// Cases of operators that move elements: every storage, every axis, negative steps and amounts, nothing at all.

import AssayGraph
import AssayTensors

@testable import AssayOperators

let movementCases: [OperatorCase] = {
    var random = RandomOperands(seed: 301)
    var cases: [OperatorCase] = []
    for shape in [[2, 3, 4], [5, 1, 7], [0, 3, 2], [33, 17, 19]] {
        for x in [random.reals(shape), random.integers(shape, -99...99), random.booleans(shape)] {
            let name = "\(x.type) \(shape)"
            for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [-1, 0, 1]] {
                cases.append(OperatorCase("\(name) as \(order)", Transpose(order: order), [x]))
            }
            cases += shapeCases(name, x) + sliceCases(name, x) + repetitionCases(name, x)
        }
    }
    cases.append(OperatorCase("large", Transpose(order: [1, 0, 2]), [random.reals([130, 70, 31])]))
    cases.append(OperatorCase("large, inner", Transpose(order: [0, 2, 1]), [random.reals([3, 300, 211])]))
    return cases + joinCases(&random) + lookupCases(&random) + makerCases(&random) + scatterCases(&random)
}()

private func shapeCases(_ name: String, _ x: ReferenceTensor) -> [OperatorCase] {
    [
        OperatorCase("\(name) flat", Reshape([.copied(axis: 0), .product(of: 1..<3)]), [x]),
        OperatorCase("\(name) inferred", Reshape([.fixed(x.shape[2]), .inferred, .fixed(1)]), [x]),
        OperatorCase(
            "\(name) by operand", Reshape([]),
            [x, ReferenceTensor(.i64, [2], [0, Double(x.count / max(1, x.shape[0]))])]),
        OperatorCase(name, ExpandDims(axes: [0, -1]), [x]),
        OperatorCase(name, Squeeze(axes: []), [x]),
        OperatorCase(name, ShapeOf(), [x]),
    ]
}

private func sliceCases(_ name: String, _ x: ReferenceTensor) -> [OperatorCase] {
    let ranges: [(Int, Int?, Int)] = [
        (0, nil, 1), (1, -1, 1), (-2, nil, 1), (0, 1000, 2), (-1, nil, -1), (1000, -1000, -2), (2, 1, 1),
        (.min, .max, 3), (.max, .min, -3), (1, 2, .max),
    ]
    var cases = ranges.map { start, stop, step in
        OperatorCase(
            "\(name) [\(start):\(stop.map(String.init) ?? ""):\(step)]",
            Slice(axes: [2, 0], starts: [start, start], stops: [stop, stop], steps: [step, step]), [x])
    }
    for amounts in [[[1, 2], [0, 0], [3, 1]], [[0, 0], [2, 0], [0, 0]], [[-1, 1], [0, 0], [1, -1]]] {
        guard x.shape[0] > 1 else { continue }
        cases.append(OperatorCase("\(name) \(amounts)", Pad(amounts: amounts, mode: .constant, value: 1), [x]))
    }
    for mode in PadMode.allCases where x.count > 0 && x.shape[0] > 1 && x.shape[2] > 2 {
        let amounts = [[1, 1], [0, mode == .edge ? 5 : 0], [2, 1]]
        cases.append(OperatorCase("\(name) \(mode)", Pad(amounts: amounts, mode: mode, value: 0), [x]))
    }
    return cases
}

private func repetitionCases(_ name: String, _ x: ReferenceTensor) -> [OperatorCase] {
    [
        OperatorCase(name, Tile(repeats: [2, 1, 3]), [x]),
        OperatorCase("\(name), more axes", Tile(repeats: [2, 1, 1, 2]), [x]),
        OperatorCase("\(name), fewer axes", Tile(repeats: [3]), [x]),
        OperatorCase(name, Repeat(count: 2, axis: 1), [x]),
        OperatorCase("\(name), last axis", Repeat(count: 3, axis: -1), [x]),
        OperatorCase(name, Reverse(axes: [0, -1]), [x]),
        OperatorCase(name, Roll(shift: 5, axis: -1), [x]),
        OperatorCase("\(name), back", Roll(shift: -1, axis: 0), [x]),
        OperatorCase(name, BroadcastTo(shape: [.fixed(2), .inferred, .copied(axis: 1), .inferred]), [x]),
        OperatorCase(name, BandPart(lower: 1, upper: 0), [x]),
        OperatorCase("\(name), upper", BandPart(lower: 0, upper: -1), [x]),
    ]
}

private func joinCases(_ random: inout RandomOperands) -> [OperatorCase] {
    var cases: [OperatorCase] = []
    for axis in [0, 1, -1] {
        var (second, third) = ([2, 3, 4], [2, 3, 4])
        second[axis < 0 ? axis + 3 : axis] = 5
        third[axis < 0 ? axis + 3 : axis] = 0
        let parts = [random.reals([2, 3, 4]), random.reals(second), random.reals(third)]
        let mixed = [random.integers([2, 3, 4], -4...4), random.reals(second)]
        let whole = random.integers([4, 4, 4], 0...9)
        cases += [
            OperatorCase("axis \(axis)", Concatenate(axis: axis), parts),
            OperatorCase("axis \(axis), mixed", Concatenate(axis: axis), mixed),
            OperatorCase("axis \(axis), one", Concatenate(axis: axis), [parts[0]]),
            OperatorCase("axis \(axis)", Stack(axis: axis), [parts[0], random.reals([2, 3, 4])]),
            OperatorCase("axis \(axis)", Split(axis: axis, sizes: [1, 0, 3]), [whole]),
        ]
    }
    return cases
}

private func lookupCases(_ random: inout RandomOperands) -> [OperatorCase] {
    let x = random.reals([3, 5, 4])
    let table = random.reals([11, 3])
    let realIndices = ReferenceTensor(.f32, [4], [0, 10.75, 3, 2])
    let positions = ReferenceTensor(.i64, [3, 2, 2], [0, 1, 4, -1, -5, 0, 2, 3, 1, 1, 3, 2])
    var cases = [
        OperatorCase("ids", Embedding(), [random.integers([2, 7], 0...10), table]),
        OperatorCase("one id", Embedding(), [random.integers([], 0...10), table]),
        OperatorCase("no ids", Embedding(), [random.integers([0, 2], 0...10), table]),
        OperatorCase("real ids", Embedding(), [realIndices, table]),
        OperatorCase("in batches", GatherND(batchDimensions: 1), [x, positions]),
        OperatorCase("whole positions", GatherND(), [x, ReferenceTensor(.i32, [2, 3], [0, 4, 3, -1, -2, 1])]),
    ]
    for axis in [0, 1, -1] {
        cases += [
            OperatorCase("axis \(axis)", Gather(axis: axis), [x, random.integers([2, 3], -3...2)]),
            OperatorCase("axis \(axis), one", Gather(axis: axis), [x, random.integers([], -3...2)]),
            OperatorCase("axis \(axis)", GatherElements(axis: axis), [x, random.integers([2, 2, 3], -3...2)]),
        ]
    }
    return cases
}

private func makerCases(_ random: inout RandomOperands) -> [OperatorCase] {
    func integer(_ value: Double) -> ReferenceTensor { ReferenceTensor(.i64, [], [value]) }
    let x = random.reals([3, 2])
    return [
        OperatorCase("upwards", NumberRange(), [integer(2), integer(11), integer(3)]),
        OperatorCase("downwards", NumberRange(), [integer(5), integer(-4), integer(-2)]),
        OperatorCase("nothing", NumberRange(), [integer(5), integer(2), integer(1)]),
        OperatorCase("like", Fill(shape: [.copied(axis: 1), .fixed(4)], value: 0.5, type: .f32), [x]),
        OperatorCase("integers", Fill(shape: [.fixed(4)], value: 7, type: .i32), []),
        OperatorCase("booleans", Fill(shape: [], value: 1, type: .bool), [ReferenceTensor(.i64, [2], [3, 2])]),
        OperatorCase("last axis", OneHot(depth: 5), [random.integers([2, 3], -1...6)]),
        OperatorCase("first axis", OneHot(depth: 3, axis: 0, on: 2, off: -1), [random.integers([4], 0...2)]),
    ]
}

private func scatterCases(_ random: inout RandomOperands) -> [OperatorCase] {
    let x = random.reals([3, 5, 4])
    let positions = ReferenceTensor(.i64, [2, 2], [0, 4, -1, -5])
    let numbers = ReferenceTensor(.i64, [2, 2, 3], [0, 1, 2, -1, 0, 1, 2, -3, 0, 1, 1, -2])
    var cases: [OperatorCase] = []
    for reduction in ScatterReduction.allCases {
        cases += [
            OperatorCase("\(reduction)", ScatterND(reduction: reduction), [x, positions, random.reals([2, 4])]),
            OperatorCase(
                "\(reduction)", ScatterElements(axis: 0, reduction: reduction), [x, numbers, random.reals([2, 2, 3])]),
            OperatorCase(
                "\(reduction), inner", ScatterElements(axis: -1, reduction: reduction),
                [x, numbers, random.reals([2, 2, 3])]),
        ]
    }
    for diagonal in [-3, -1, 0, 2, 9] {
        cases.append(OperatorCase("\(diagonal)", Triangle(upper: true, diagonal: diagonal), [x]))
        cases.append(OperatorCase("\(diagonal), lower", Triangle(upper: false, diagonal: diagonal), [x]))
    }
    let lengths = ReferenceTensor(.i64, [5], [3, 0, 1, 2, 3])
    let steps = ReferenceTensor(.i32, [3], [5, 2, 0])
    let bounds = [ReferenceTensor(.i64, [2], [1, -3]), ReferenceTensor(.i64, [2], [1000, -1])]
    cases += [
        OperatorCase("time first", ReverseSequence(timeAxis: 0, batchAxis: 1), [x, lengths]),
        OperatorCase("batch first", ReverseSequence(timeAxis: 1, batchAxis: 0), [x, steps]),
        OperatorCase(
            "by operands", Slice(axes: [0, 2], starts: [0, 0], stops: [nil, nil], steps: [1, 1]), [x] + bounds),
    ]
    return cases
}
