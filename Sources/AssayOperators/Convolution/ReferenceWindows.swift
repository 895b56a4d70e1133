// The windows of the reference: every tap of every window, one by one.

import AssayTensors

/// The windows over an input of known extents.
struct ReferenceWindows {
    private let windows: SlidingWindows
    private let input: [Int]
    private let kernel: [Int]
    private let before: [Int]
    /// The number of windows along each axis.
    let counts: [Int]

    init(_ windows: SlidingWindows, _ order: ChannelOrder, x: ReferenceTensor, kernel: [Int]) {
        let input = order.spatial(x.shape)
        let amounts = input.indices.map { axis in
            windows.padding.amounts(
                axis: axis, input: input[axis], kernel: kernel[axis], stride: windows.strides[axis],
                dilation: windows.dilations[axis])
        }
        self.windows = windows
        self.input = input
        self.kernel = kernel
        before = amounts.map(\.before)
        counts = input.indices.map { axis in
            let length = amounts[axis].before + input[axis] + amounts[axis].after
            let reach = (kernel[axis] - 1) * windows.dilations[axis] + 1
            return length < reach ? 0 : (length - reach) / windows.strides[axis] + 1
        }
    }

    /// Calls `body` with each tap of the window at `place` that lies inside the input, and its position there.
    func forEach(at place: [Int], _ body: (_ tap: [Int], _ position: [Int]) -> Void) {
        let all = ReferenceTensor(.bool, zeros: kernel)
        for index in 0..<all.count {
            let tap = all.position(index)
            let position = tap.indices.map { axis in
                place[axis] * windows.strides[axis] + tap[axis] * windows.dilations[axis] - before[axis]
            }
            if zip(position, input).allSatisfy({ $0 >= 0 && $0 < $1 }) { body(tap, position) }
        }
    }
}
