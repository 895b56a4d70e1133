// The operations that belong to the cases which NumPy has computed (Tests/make_operator_cases.py), by name.

import AssayGraph
import AssayTensors
import AssayTestSupport

@testable import AssayOperators

/// One case of `Fixtures/operators/numpy.json`.
struct RecordedCase: Sendable {
    let name: String
    let operands: [ReferenceTensor?]
    let results: [ReferenceTensor]

    /// All recorded cases.
    static func all() throws(AssayError) -> [RecordedCase] {
        let json = try Fixtures.json(Fixtures.folder + "/operators/numpy.json")
        var cases: [RecordedCase] = []
        for entry in json["cases"]?.array ?? [] {
            cases.append(
                RecordedCase(
                    name: entry["name"]?.string ?? "",
                    operands: (entry["operands"]?.array ?? []).map(ReferenceTensor.init(recorded:)),
                    results: (entry["results"]?.array ?? []).compactMap(ReferenceTensor.init(recorded:))))
        }
        return cases
    }

    /// The operation that the case is of.
    var operation: (any Operator)? {
        if name.hasPrefix("einsum ") { return Einsum(equation: String(name.dropFirst(7))) }
        if name == "matmul, both transposed" { return MatMul(transposeA: true, transposeB: true) }
        if name.hasPrefix("matmul ") { return MatMul() }
        return RecordedCase.operations[name]
    }

    private static let operations: [String: any Operator] =
        normalizations
        .merging(movements) { first, _ in first }
        .merging(reductions) { first, _ in first }
        .merging(elementwise) { first, _ in first }

    private static let normalizations: [String: any Operator] = [
        "layer normalization": LayerNormalization(axes: [-1], epsilon: 1e-3),
        "layer normalization, two axes": LayerNormalization(axes: [2, 1], epsilon: 1e-5),
        "layer normalization, middle axis": LayerNormalization(axes: [1], epsilon: 1e-6),
        "rms normalization": RMSNormalization(axes: [-1], epsilon: 1e-6),
        "batch normalization": BatchNormalization(axis: 1, epsilon: 1e-3),
        "group normalization": GroupNormalization(groups: 3, axis: -1, epsilon: 1e-3),
        "instance normalization": GroupNormalization(groups: -1, axis: -1, epsilon: 1e-3),
        "group normalization, channels first": GroupNormalization(groups: 1, axis: 1, epsilon: 1e-3),
        "unit normalization": UnitNormalization(axes: [-1], epsilon: 1e-12),
        "softmax": Softmax(axes: [-1]),
        "softmax, two axes": Softmax(axes: [3, 1]),
        "softmax, mask": Softmax(axes: [-1]),
        "log softmax": LogSoftmax(axis: 2),
        "sparsemax": Sparsemax(axis: -1),
    ]

    private static let movements: [String: any Operator] = [
        "pad constant": Pad(amounts: [[2, 1], [0, 3], [1, 1]], mode: .constant, value: 0),
        "pad reflect": Pad(amounts: [[2, 1], [0, 3], [1, 1]], mode: .reflect, value: 0),
        "pad symmetric": Pad(amounts: [[2, 1], [0, 3], [1, 1]], mode: .symmetric, value: 0),
        "pad edge": Pad(amounts: [[2, 1], [0, 3], [1, 1]], mode: .edge, value: 0),
        "pad and crop": Pad(amounts: [[2, 0], [-1, 0], [0, -2]], mode: .constant, value: 1.5),
        "slice backwards": Slice(axes: [0, 1, 2], starts: [-1, 4, -1], stops: [nil, 0, -5], steps: [-1, -2, -1]),
        "slice": Slice(axes: [0, 1, -1], starts: [1, -3, 0], stops: [3, nil, 100], steps: [1, 1, 4]),
        "slice, nothing left": Slice(axes: [0], starts: [3], stops: [1], steps: [1]),
        "transpose": Transpose(order: [2, 0, 1]),
        "tile": Tile(repeats: [2, 1, 1, 3]),
        "repeat": Repeat(count: 3, axis: 1),
        "roll": Roll(shift: -7, axis: 1),
        "take": Gather(axis: 1),
        "take along axis": GatherElements(axis: 1),
        "lower triangle": BandPart(lower: -1, upper: 0),
        "band": BandPart(lower: 1, upper: 2),
        "broadcast to": BroadcastTo(shape: [.fixed(3), .copied(axis: 0), .fixed(5), .inferred]),
        "one hot": OneHot(depth: 6),
        "stack": Stack(axis: 1),
        "split": Split(axis: 1, sizes: [1, 2, 2]),
    ]

    private static let reductions: [String: any Operator] = [
        "cumulative sum": CumulativeSum(axis: 1),
        "cumulative sum, exclusive, reverse": CumulativeSum(axis: 1, exclusive: true, reverse: true),
        "variance": Reduce(.variance, axes: [0, 2], keepDimensions: false),
        "standard deviation": Reduce(.standardDeviation, axes: [1], keepDimensions: true),
        "log sum exp": Reduce(.logSumExp, axes: [1], keepDimensions: false),
        "mean": Reduce(.mean, axes: [1, 0], keepDimensions: false),
        "product": Reduce(.product, axes: nil, keepDimensions: false),
        "l2": Reduce(.l2, axes: [-1], keepDimensions: false),
        "argmax": ArgReduce(largest: true, axis: 1),
        "argmin": ArgReduce(largest: false, axis: 0),
    ]

    private static let elementwise: [String: any Operator] = [
        "floor divide, integers": Binary(.floorDivide), "floor divide, reals": Binary(.floorDivide),
        "modulo, integers": Binary(.modulo), "modulo, reals": Binary(.modulo),
        "truncated modulo, integers": Binary(.truncatedModulo), "truncated modulo, reals": Binary(.truncatedModulo),
        "arctan2": Binary(.arctan2), "power": Binary(.power),
        "round": Unary(.round), "sign": Unary(.sign), "erf": Unary(.erf),
        "gelu": Activation(.gelu(approximate: false)), "gelu, approximate": Activation(.gelu(approximate: true)),
        "sigmoid": Activation(.sigmoid), "silu": Activation(.silu), "softplus": Activation(.softplus),
        "log sigmoid": Activation(.logSigmoid), "mish": Activation(.mish), "elu": Activation(.elu(alpha: 1.5)),
        "selu": Activation(.selu), "celu": Activation(.celu(alpha: 2)),
        "hard sigmoid": Activation(.hardSigmoid(slope: 0.2, offset: 0.5)), "hard swish": Activation(.hardSwish),
        "relu, all attributes": Activation(.relu(maxValue: 4, negativeSlope: 0.1, threshold: 0.5)),
        "soft shrink": Activation(.softShrink(threshold: 0.7)),
        "hard shrink": Activation(.hardShrink(threshold: 0.7)), "squareplus": Activation(.squareplus(b: 4)),
        "sparse plus": Activation(.sparsePlus), "softsign": Activation(.softsign),
    ]
}

extension ReferenceTensor {
    /// A recorded tensor; nil for an operand that is left out.
    init?(recorded json: JSON) {
        guard let type = json["type"]?.string.flatMap(ElementType.init(rawValue:)),
            let shape = json["shape"]?.array?.compactMap(\.integer),
            // What JSON cannot say is recorded as a text: nan, inf, -inf.
            let values = json["values"]?.array?.compactMap({ $0.number ?? $0.string.flatMap(Double.init) })
        else { return nil }
        self.init(type, shape, values)
    }
}
