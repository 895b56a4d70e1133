// Geometry of the fast path: values of one to three spatial axes are looked at as having three.

import AssayTensors

/// Where the elements of a value with channels lie.
struct SpatialLayout {
    let batch: Int
    let channels: Int
    /// Three extents; those that the value has not are ones at the front.
    let extents: (Int, Int, Int)
    let channelStride: Int
    /// From one position to the next along the last axis.
    let positionStride: Int

    init(_ shape: [Int], channelsFirst: Bool) {
        let order = ChannelOrder(channelsFirst: channelsFirst)
        let spatial = [1, 1, 1] + order.spatial(shape)
        batch = shape[0]
        channels = shape[order.channelAxis(rank: shape.count)]
        extents = (spatial[spatial.count - 3], spatial[spatial.count - 2], spatial[spatial.count - 1])
        channelStride = channelsFirst ? extents.0 * extents.1 * extents.2 : 1
        positionStride = channelsFirst ? 1 : channels
    }

    /// Positions of one item.
    var positions: Int { extents.0 * extents.1 * extents.2 }
    var itemStride: Int { positions * channels }

    /// The position with a row-major number.
    func position(_ number: Int) -> (Int, Int, Int) {
        (number / (extents.1 * extents.2), number / extents.2 % extents.1, number % extents.2)
    }

    /// The offset of a position's first channel inside its item.
    func offset(_ position: (Int, Int, Int)) -> Int {
        ((position.0 * extents.1 + position.1) * extents.2 + position.2) * positionStride
    }
}

/// The windows along one axis.
struct WindowAxis {
    let input: Int
    let kernel: Int
    let stride: Int
    let dilation: Int
    let before: Int

    /// Where window `window` begins; it may be before the input.
    func start(_ window: Int) -> Int { window * stride - before }

    /// The taps of a window that lie inside the input.
    func taps(_ window: Int) -> Range<Int> {
        let start = start(window)
        let first = start < 0 ? (-start + dilation - 1) / dilation : 0
        let end = input > start ? min(kernel, (input - start + dilation - 1) / dilation) : 0
        return first < end ? first..<end : 0..<0
    }

    /// One window of one element: the axis that a value has not.
    static let absent = WindowAxis(input: 1, kernel: 1, stride: 1, dilation: 1, before: 0)

    var isPointwise: Bool { kernel == 1 && stride == 1 && before == 0 }
}

extension SlidingWindows {
    /// The windows over three axes, for an input and a kernel of known spatial extents.
    func axes(input: [Int], kernel: [Int]) -> (WindowAxis, WindowAxis, WindowAxis) {
        let own = input.indices.map { axis in
            let (stride, dilation) = (strides[axis], dilations[axis])
            let amounts = padding.amounts(
                axis: axis, input: input[axis], kernel: kernel[axis], stride: stride, dilation: dilation)
            return WindowAxis(
                input: input[axis], kernel: kernel[axis], stride: stride, dilation: dilation, before: amounts.before)
        }
        let all = [.absent, .absent, .absent] + own
        return (all[all.count - 3], all[all.count - 2], all[all.count - 1])
    }
}
