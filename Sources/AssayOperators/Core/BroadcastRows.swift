// Rows of a small operand that is broadcast over scores.

/// A value that is broadcast to four axes, row by row along the last one.
struct BroadcastRows<Element>: @unchecked Sendable {
    // Unchecked: it is only read.
    private let start: UnsafePointer<Element>
    private let strides: [Int]

    /// A dense value of at most four axes.
    init(_ start: UnsafePointer<Element>, _ shape: [Int]) {
        self.start = start
        var strides = [0, 0, 0, 0]
        var stride = 1
        for (axis, extent) in zip((0..<4).reversed(), shape.reversed()) {
            strides[axis] = extent == 1 ? 0 : stride
            stride *= extent
        }
        self.strides = strides
    }

    /// The first element of a row, and the distance to its next ones.
    func row(_ first: Int, _ second: Int, _ third: Int) -> (start: UnsafePointer<Element>, stride: Int) {
        (start + first * strides[0] + second * strides[1] + third * strides[2], strides[3])
    }
}
