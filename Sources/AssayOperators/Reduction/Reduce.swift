// Reduce: sums, means, extremes and norms over some axes.

import AssayGraph
import AssayTensors
import Glibc

/// What `Reduce` makes of the elements of a line.
public enum ReduceFunction: String, Sendable, Hashable, Codable, CaseIterable {
    /// Σ x.
    case sum
    /// Σ x / n.
    case mean
    /// The greatest; NaN if one is.
    case max
    /// The smallest; NaN if one is.
    case min
    /// Π x.
    case product
    /// Whether one is not zero.
    case any
    /// Whether none is zero.
    case all
    /// Σ (x − mean)² / n.
    case variance
    /// √variance.
    case standardDeviation
    /// Σ |x|.
    case l1
    /// √Σ x².
    case l2
    /// ln Σ eˣ.
    case logSumExp
    /// Σ x².
    case sumSquares
    /// ln Σ x.
    case logSum

    /// Whether the results are booleans.
    var isTest: Bool { self == .any || self == .all }

    /// Whether integers stay integers.
    var keepsIntegers: Bool {
        switch self {
        case .sum, .max, .min, .product, .l1, .sumSquares: true
        default: false
        }
    }
}

/// y = one number for the elements along some axes.
///
/// Operand: x. Result: its shape without the axes, or with ones in their place.
public struct Reduce: Operator {
    /// The name in the JSON form.
    public static let name = "Reduce"
    /// The formula.
    public static let formula = "y[kept…] = f over x[kept…, reduced…]"
    /// What is made of a line.
    public var function: ReduceFunction
    /// The axes that go; nil for all.
    public var axes: [Int]?
    /// Whether ones stay in their place.
    public var keepDimensions: Bool

    /// One number for the elements along `axes`.
    public init(_ function: ReduceFunction, axes: [Int]?, keepDimensions: Bool) {
        self.function = function
        self.axes = axes
        self.keepDimensions = keepDimensions
    }

    /// Sums of many terms; extremes and tests are exact.
    public var exactness: Exactness {
        function == .max || function == .min || function.isTest ? .exact : .accumulating
    }

    /// One for each element of x.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { (operands.first ?? nil)?.count ?? 0 }

    /// The shape without the axes, or with ones.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        let type: ElementType
        if function.isTest {
            type = .bool
        } else if x.type == .bool {
            type = function == .max || function == .min ? .bool : function.keepsIntegers ? .i32 : .f32
        } else {
            type = x.type.isFloatingPoint || function.keepsIntegers ? x.type : .f32
        }
        guard let shape = x.shape else { return [Fact(type, nil)] }
        let reduced = try resolve(axes: axes ?? Array(shape.indices), rank: shape.count)
        if function == .max || function == .min, reduced.contains(where: { shape[$0] == 0 }) {
            throw mismatch("nothing has no greatest or smallest element", found: shape.text)
        }
        var result: [Dimension] = []
        for axis in shape.indices {
            if !reduced.contains(axis) { result.append(shape[axis]) } else if keepDimensions { result.append(1) }
        }
        return [Fact(type, result, integers: type.isInteger && shape.count == 1 ? fold(x.integers) : nil)]
    }

    /// The one result of integers that are known.
    private func fold(_ integers: [Dimension]?) -> [Dimension]? {
        guard let integers, let first = integers.first, axes != [] else { return nil }
        switch function {
        case .sum: return [integers.dropFirst().reduce(first, +)]
        case .product: return [integers.dropFirst().reduce(first, *)]
        case .max, .min:
            let values = integers.compactMap(\.value)
            guard values.count == integers.count else { return nil }
            return [.known(values.reduce(values[0], function == .max ? Swift.max : Swift.min))]
        default: return nil
        }
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let reduced = (axes ?? Array(x.shape.indices)).map { $0.axis(of: x.shape.count) }
        return [
            ReferenceTensor(type, shape) { position in
                var rest = position[...]
                let start = x.shape.indices.map { axis in
                    if reduced.contains(axis) {
                        if keepDimensions { rest.removeFirst() }
                        return 0
                    }
                    return rest.removeFirst()
                }
                return define(line(x, start, reduced))
            }
        ]
    }

    private func line(_ x: ReferenceTensor, _ start: [Int], _ axes: [Int]) -> [Double] {
        axes.contains { x.shape[$0] == 0 } ? [] : x.line(through: start, along: axes).map { x.values[$0] }
    }

    private func define(_ line: [Double]) -> Double {
        let count = Double(line.count)
        switch function {
        case .sum: return line.reduce(0, +)
        case .mean: return line.reduce(0, +) / count
        case .max: return line.contains { $0.isNaN } ? .nan : line.max() ?? -.infinity
        case .min: return line.contains { $0.isNaN } ? .nan : line.min() ?? .infinity
        case .product: return line.reduce(1, *)
        case .any: return line.contains { $0 != 0 } ? 1 : 0
        case .all: return line.contains { $0 == 0 } ? 0 : 1
        case .variance:
            let mean = line.reduce(0, +) / count
            return line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        case .standardDeviation:
            let mean = line.reduce(0, +) / count
            return (line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        case .l1: return line.reduce(0) { $0 + Swift.abs($1) }
        case .l2: return line.reduce(0) { $0 + $1 * $1 }.squareRoot()
        case .logSumExp:
            guard let most = line.max(), most.isFinite else { return line.max() ?? -.infinity }
            return most + log(line.reduce(0) { $0 + exp($1 - most) })
        case .sumSquares: return line.reduce(0) { $0 + $1 * $1 }
        case .logSum: return log(line.reduce(0, +))
        }
    }

    /// As much as x where lines are gathered first.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        guard let shape = operands.first ?? nil else { return 0 }
        // Elements of eight bytes fit into two floats.
        return needsGathering(shape.extents) ? 2 * shape.count : 0
    }

    private func needsGathering(_ shape: [Int]) -> Bool {
        let reduced = (axes ?? Array(shape.indices)).map { $0.axis(of: shape.count) }
        return !reduced.isEmpty && AxisSplit.range(of: reduced, in: shape) == nil
    }

    /// Along neighbouring axes where they lie; lines of other axes are gathered first.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        var x = call.operand(0)
        let y = call.result()
        let reduced = (axes ?? Array(x.shape.indices)).map { $0.axis(of: x.rank) }
        let split: AxisSplit
        if let range = AxisSplit.range(of: reduced, in: x.shape) {
            split = AxisSplit(x.shape, axes: range)
        } else if reduced.isEmpty {
            split = AxisSplit(x.shape + [1], axis: x.rank)
        } else {
            let lines = MovedAxes(shape: x.shape, axes: reduced)
            lines.gather(x, into: call.workspace, threads: call.threads)
            split = AxisSplit([lines.lineCount, lines.lineLength], axis: 1)
            x = FastTensor(type: x.type, shape: [lines.lineCount, lines.lineLength], start: call.workspace)
        }
        ReduceKernel(function: function, split: split, x: x, y: y).run(threads: call.threads)
    }
}
