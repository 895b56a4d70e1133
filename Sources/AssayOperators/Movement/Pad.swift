// Pad: more elements before and behind along each axis, or fewer.

import AssayGraph
import AssayTensors

/// What `Pad` puts around.
public enum PadMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// A value.
    case constant
    /// The elements mirrored at the edge, without the edge itself.
    case reflect
    /// The elements mirrored at the edge, with the edge itself.
    case symmetric
    /// The edge again and again.
    case edge
}

/// y = x with elements put before and behind along each axis; negative amounts cut elements off.
///
/// Operand: x. Result: its extents with the amounts added.
public struct Pad: Operator {
    /// The name in the JSON form.
    public static let name = "Pad"
    /// The formula.
    public static let formula = "y[…, i, …] = x[…, i − before, …] inside, else the value or the mirrored element"
    /// For each axis how many elements before and how many behind.
    public var amounts: [[Int]]
    /// What is put around.
    public var mode: PadMode
    /// The value of the constant mode.
    public var value: Double

    /// Elements around.
    public init(amounts: [[Int]], mode: PadMode, value: Double) {
        self.amounts = amounts
        self.mode = mode
        self.value = value
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The extents with the amounts added.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        guard amounts.count == shape.count, amounts.allSatisfy({ $0.count == 2 }) else {
            throw mismatch("two amounts an axis are needed", expected: "\(shape.count) axes", found: "\(amounts)")
        }
        var result: [Dimension] = []
        for (extent, amount) in zip(shape, amounts) {
            guard amount.allSatisfy({ Swift.abs($0) < 1 << 40 }) else { throw mismatch("too much padding") }
            result.append(try padded(extent, amount[0], amount[1]))
        }
        return [Fact(x.type, result)]
    }

    private func padded(_ extent: Dimension, _ before: Int, _ behind: Int) throws(AssayError) -> Dimension {
        let sum = before + behind
        guard let value = extent.value else { return sum < 0 ? extent - .known(-sum) : extent + .known(sum) }
        guard value + sum >= 0, value + Swift.min(before, 0) + Swift.min(behind, 0) >= 0 else {
            throw mismatch("more is cut off than there is", found: "\(before) and \(behind) of \(value)")
        }
        let most = Swift.max(before, behind)
        let fits =
            switch mode {
            case .constant: true
            case .edge: value > 0 || most <= 0
            case .reflect: most < value || most <= 0
            case .symmetric: most <= value
            }
        guard fits else { throw mismatch("\(mode.rawValue) padding needs more elements", found: "\(value)") }
        return .known(value + sum)
    }

    /// The index in the operand that stands at `index` of the result along an axis; nil for the value.
    private func source(_ index: Int, before: Int, extent: Int) -> Int? {
        let index = index - before
        if index >= 0, index < extent { return index }
        return switch mode {
        case .constant: nil
        case .edge: index < 0 ? 0 : extent - 1
        case .reflect: index < 0 ? -index : 2 * (extent - 1) - index
        case .symmetric: index < 0 ? -index - 1 : 2 * extent - 1 - index
        }
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        return [
            ReferenceTensor(type, shape) { position in
                var inside = position
                for axis in shape.indices {
                    guard let index = source(position[axis], before: amounts[axis][0], extent: x.shape[axis]) else {
                        return value
                    }
                    inside[axis] = index
                }
                return x[inside]
            }
        ]
    }

    /// Row by row through a table of each axis's source offsets.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        guard y.count > 0 else { return }
        guard let rowLength = y.shape.last else { return y.copy(1, from: x) }
        let strides = x.strides
        let last = y.rank - 1
        let tables = y.shape.indices.map { axis in
            (0..<y.shape[axis]).map { index in
                source(index, before: amounts[axis][0], extent: x.shape[axis]).map { $0 * strides[axis] } ?? -1
            }
        }
        // The columns that are the operand's own stand side by side and move at once.
        let firstOwn = Swift.min(Swift.max(amounts[last][0], 0), rowLength)
        let ownCount = Swift.max(0, Swift.min(rowLength, x.shape[last] + amounts[last][0]) - firstOwn)
        var position = [Int](repeating: 0, count: last)
        for row in 0..<y.count / rowLength {
            let offsets = position.indices.map { tables[$0][position[$0]] }
            let base = offsets.contains(-1) ? nil : offsets.reduce(0, +)
            let start = row * rowLength
            for column in 0..<rowLength where base == nil || column < firstOwn || column >= firstOwn + ownCount {
                if let base, tables[last][column] >= 0 {
                    y.copy(1, from: x, at: base + tables[last][column], to: start + column)
                } else {
                    y.set(start + column, to: value)
                }
            }
            if let base, ownCount > 0 {
                y.copy(ownCount, from: x, at: base + tables[last][firstOwn], to: start + firstOwn)
            }
            advance(&position, y.shape)
        }
    }

    private func advance(_ position: inout [Int], _ shape: [Int]) {
        for axis in position.indices.reversed() {
            position[axis] += 1
            if position[axis] < shape[axis] { return }
            position[axis] = 0
        }
    }
}
