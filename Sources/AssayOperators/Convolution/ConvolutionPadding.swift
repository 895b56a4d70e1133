// How the windows of convolutions and poolings lie over an axis: padding, and the number of windows.

import AssayGraph
import AssayTensors

/// What stands before the first and after the last element of each spatial axis.
public enum ConvolutionPadding: Sendable, Hashable, Codable {
    /// Nothing: windows lie inside the input.
    case valid
    /// As many zeros as make `⌈in / stride⌉` windows, the odd one at the end (TensorFlow's rule).
    case same
    /// All zeros before the first element, so that a window sees no later one.
    case causal
    /// The numbers before and after, for each axis.
    case explicit([[Int]])

    /// The numbers of elements added before and after axis `axis`.
    func amounts(axis: Int, input: Int, kernel: Int, stride: Int, dilation: Int) -> (before: Int, after: Int) {
        let reach = (kernel - 1) * dilation
        switch self {
        case .valid: return (0, 0)
        case .causal: return (reach, 0)
        case .explicit(let amounts): return (amounts[axis][0], amounts[axis][1])
        case .same:
            let windows = (input + stride - 1) / stride
            let total = max(0, (windows - 1) * stride + reach + 1 - input)
            return (total / 2, total - total / 2)
        }
    }
}

/// The windows that slide over the spatial axes of a value, as attributes say; one entry for each axis.
struct SlidingWindows {
    let strides: [Int]
    let dilations: [Int]
    let padding: ConvolutionPadding

    /// The largest stride, dilation or padding that a file may ask for.
    static let greatestAttribute = 1 << 24

    /// What is wrong with the attributes for `count` spatial axes, nil when nothing is.
    func fault(axes count: Int) -> String? {
        let accepted = 1...SlidingWindows.greatestAttribute
        guard strides.count == count, strides.allSatisfy(accepted.contains) else { return "strides \(strides)" }
        guard dilations.count == count, dilations.allSatisfy(accepted.contains) else {
            return "dilations \(dilations)"
        }
        guard case .explicit(let amounts) = padding else { return nil }
        let fits = amounts.count == count && amounts.allSatisfy { $0.count == 2 && $0.allSatisfy(fitsPadding) }
        return fits ? nil : "padding \(amounts)"
    }

    private func fitsPadding(_ amount: Int) -> Bool { (0...SlidingWindows.greatestAttribute).contains(amount) }

    /// The number of windows along an axis; zero where the kernel does not fit into the input.
    func count(axis: Int, input: Dimension, kernel: Dimension) -> Dimension {
        let stride = strides[axis]
        let reach = (kernel - 1) * .known(dilations[axis])
        let places: Dimension
        switch padding {
        case .valid: places = input - reach
        case .same, .causal: places = input
        case .explicit(let amounts): places = input + .known(amounts[axis][0] + amounts[axis][1]) - reach
        }
        return (places + .known(stride - 1)) / .known(stride)
    }
}

extension Operation {
    /// The spatial extents after windows have slid over them.
    ///
    /// - Throws: `AssayError.unreadable` for attributes that do not fit, or a kernel larger than the padded input.
    func slide(
        _ windows: SlidingWindows, over spatial: [Dimension], kernel: [Dimension]
    ) throws(AssayError) -> [Dimension] {
        if let fault = windows.fault(axes: spatial.count) {
            throw mismatch("wrong attributes for \(spatial.count) spatial axes", found: fault)
        }
        guard !kernel.contains(.known(0)) else { throw mismatch("empty kernel", found: kernel.text) }
        let counts = spatial.indices.map { windows.count(axis: $0, input: spatial[$0], kernel: kernel[$0]) }
        for (axis, count) in counts.enumerated() where count == .known(0) && spatial[axis] != .known(0) {
            throw mismatch(
                "the kernel \(kernel.text) with dilations \(windows.dilations) does not fit", found: spatial.text)
        }
        return counts
    }
}

/// Where batch, channels and spatial axes stand in a shape.
struct ChannelOrder {
    let channelsFirst: Bool

    /// The spatial part of a shape.
    func spatial<Extent>(_ shape: [Extent]) -> [Extent] {
        Array(channelsFirst ? shape.dropFirst(2) : shape.dropFirst().dropLast())
    }

    /// The axis of the channels among `rank`.
    func channelAxis(rank: Int) -> Int { channelsFirst ? 1 : rank - 1 }

    /// A shape from its parts.
    func shape<Extent>(_ batch: Extent, _ spatial: [Extent], _ channels: Extent) -> [Extent] {
        channelsFirst ? [batch, channels] + spatial : [batch] + spatial + [channels]
    }
}
