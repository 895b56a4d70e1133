// Walking several strided layouts of one shape at once, with as few axes as the strides allow.

import AssayTensors

/// The axes of a loop nest, outermost first, and how far each of up to four operands moves along them.
struct StridedAxes {
    var extents: [Int] = []
    var strides: [SIMD4<Int>] = []

    /// The axes of `shape`; axes of one element are left out, and neighbours are merged where every operand allows it.
    init(shape: [Int], strides given: [[Int]]) {
        precondition(given.count <= 4)
        for axis in shape.indices where shape[axis] != 1 {
            var stride = SIMD4<Int>()
            for (operand, strides) in given.enumerated() { stride[operand] = strides[axis] }
            if let last = strides.last, last == stride &* SIMD4(repeating: shape[axis]) {
                extents[extents.count - 1] *= shape[axis]
                strides[strides.count - 1] = stride
            } else {
                extents.append(shape[axis])
                strides.append(stride)
            }
        }
    }

    /// The strides of a dense operand of `shape` under the axes of `result`: zero where it is broadcast.
    static func broadcastStrides(_ shape: [Int], in result: [Int]) -> [Int] {
        let dense = Shape(shape).strides
        let missing = result.count - shape.count
        return result.indices.map { axis in
            axis < missing || shape[axis - missing] == 1 ? 0 : dense[axis - missing]
        }
    }

    /// Takes the innermost axis off: its extent and strides, one element where there is none.
    mutating func popInner() -> (extent: Int, stride: SIMD4<Int>) {
        guard let extent = extents.popLast(), let stride = strides.popLast() else { return (1, SIMD4()) }
        return (extent, stride)
    }

    /// The number of positions.
    var count: Int { extents.reduce(1, *) }
}

/// A position in a loop nest, with the offset of each operand there.
struct Odometer {
    private let axes: StridedAxes
    private var position: [Int]
    /// The offset of each operand.
    private(set) var offsets = SIMD4<Int>()

    /// At the position of row-major number `index`.
    init(_ axes: StridedAxes, at index: Int) {
        self.axes = axes
        position = [Int](repeating: 0, count: axes.extents.count)
        var rest = index
        for axis in axes.extents.indices.reversed() where axes.extents[axis] > 0 {
            position[axis] = rest % axes.extents[axis]
            rest /= axes.extents[axis]
            offsets &+= axes.strides[axis] &* SIMD4(repeating: position[axis])
        }
    }

    /// Moves to the next position in row-major order.
    mutating func advance() {
        for axis in position.indices.reversed() {
            position[axis] += 1
            offsets &+= axes.strides[axis]
            if position[axis] < axes.extents[axis] { return }
            offsets &-= axes.strides[axis] &* SIMD4(repeating: axes.extents[axis])
            position[axis] = 0
        }
    }
}

extension ThreadPool {
    /// Shares out `count` pieces, each of about `pieceCost` elements' work. Parts do not depend on the number of threads;
    /// little work stays on the caller's thread, since a thread takes as long to start as tens of thousands of
    /// additions.
    func forEachPart(_ count: Int, pieceCost: Int, _ body: @Sendable (Range<Int>) -> Void) {
        guard count > 0 else { return }
        let perPart = max(1, (1 << 15) / max(pieceCost, 1))
        let parts = (count + perPart - 1) / perPart
        guard threadCount > 1, parts > 3 else { return body(0..<count) }
        forEach(parts) { part in body(part * perPart..<min((part + 1) * perPart, count)) }
    }

    /// Shares out `count` elements, each of about `cost` additions' work, in ranges.
    func forEachRange(_ count: Int, cost: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
        let length = 1 << 12
        forEachPart((count + length - 1) / length, pieceCost: cost * length) { pieces in
            body(pieces.lowerBound * length..<min(pieces.upperBound * length, count))
        }
    }
}
