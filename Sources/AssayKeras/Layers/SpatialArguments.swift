// Arguments that convolutions, poolings and paddings share.

import AssayGraph
import AssayOperators
import AssayTensors

extension KerasConfiguration {
    /// The number of spatial axes, which the class name tells: `Conv2D`, `GlobalMaxPooling1D`, `Conv3DTranspose`.
    var spatialAxisCount: Int {
        className.compactMap(\.wholeNumberValue).first { (1...3).contains($0) } ?? 1
    }

    /// What stands around the input of a sliding window.
    func windowPadding() throws(AssayError) -> ConvolutionPadding {
        switch try string("padding", default: "valid") {
        case "valid": .valid
        case "same": .same
        case "causal": .causal
        default: throw invalid("padding", expected: "valid, same or causal")
        }
    }

    /// Two numbers for each spatial axis, before and after: `1`, `[1, 2]` or `[[1, 2], [0, 3]]`.
    func spatialAmounts(_ key: String) throws(AssayError) -> [[Int]] {
        let count = spatialAxisCount
        guard let value = self[key] else { return Array(repeating: [1, 1], count: count) }
        let entries = value.array ?? Array(repeating: value, count: count)
        // A flat pair of a single axis is before and after; of several axes, one number holds for both sides.
        if count == 1, entries.count == 2, let integers = try integers(key, in: 0...KerasConfiguration.largestCount) {
            return [integers]
        }
        guard entries.count == count else { throw invalid(key, expected: "numbers for \(count) axes") }
        var amounts: [[Int]] = []
        for entry in entries {
            let sides = (entry.array ?? [entry, entry]).compactMap(\.integer)
            guard sides.count == 2, sides.allSatisfy((0...KerasConfiguration.largestCount).contains) else {
                throw invalid(key, expected: "two numbers for each of \(count) axes")
            }
            amounts.append(sides)
        }
        return amounts
    }
}

/// Where the spatial axes and the channels of a value are.
struct SpatialLayout {
    /// The number of spatial axes.
    let count: Int
    /// Whether channels stand before the spatial axes.
    let channelsFirst: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        count = configuration.spatialAxisCount
        channelsFirst = try configuration.channelsFirst()
    }

    /// The spatial axes.
    var axes: [Int] { (0..<count).map { $0 + (channelsFirst ? 2 : 1) } }

    /// The number of channels of an input, which must have a batch, the spatial axes and channels.
    func channels(of x: ValueID, in call: KerasCall) throws(AssayError) -> Dimension {
        let shape = try call.shape(of: x)
        guard shape.count == count + 2 else {
            throw call.configuration.unsupported("takes inputs of \(count + 2) axes, and is called with \(shape.text)")
        }
        return shape[channelsFirst ? 1 : count + 1]
    }
}

/// The arguments of every kind of convolution.
struct ConvolutionArguments {
    let layout: SpatialLayout
    let kernelSize: [Int]
    let strides: [Int]
    let dilations: [Int]
    let padding: ConvolutionPadding
    let usesBias: Bool
    let activation: KerasActivation

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        layout = try SpatialLayout(configuration)
        kernelSize = try configuration.integers("kernel_size", count: layout.count)
        strides = try configuration.integers("strides", count: layout.count, default: 1)
        dilations = try configuration.integers("dilation_rate", count: layout.count, default: 1)
        padding = try configuration.windowPadding()
        usesBias = try configuration.boolean("use_bias", default: true)
        activation = try configuration.activation()
    }

    /// The extents of a kernel: the window, then two counts of channels.
    func kernel(_ first: Dimension, _ second: Dimension) -> [Dimension] {
        kernelSize.map { .known($0) } + [first, second]
    }
}
