// Functions on images and signals: `keras.ops.max_pool`, `average_pool`, `conv`, `image.resize`.

import AssayGraph
import AssayOperators
import AssayTensors

/// The maximum or mean of sliding windows.
struct PoolingFunction: KerasFunction {
    static let names = ["AveragePool", "MaxPool"]
    private let kind: PoolingKind

    init(name: String) { kind = name == "MaxPool" ? .max : .average }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("inputs", at: 0)
        let count = try call.spatialAxisCount(of: x)
        let size = try call.spatial("pool_size", at: 1, count: count, default: nil)
        let pooling = Pooling(
            kind, size: size, strides: try call.spatial("strides", at: 2, count: count, default: size),
            padding: try call.windowPadding(at: 3), channelsFirst: call.channelsFirst(at: 4))
        return [try call.call.add(pooling, x)]
    }
}

/// A convolution whose groups follow from the channels of image and kernel.
struct ConvolutionFunction: KerasFunction {
    static let names = ["Conv"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("inputs", at: 0)
        let kernel = try call.operand("kernel", at: 1)
        let count = try call.spatialAxisCount(of: x)
        let isFirst = call.channelsFirst(at: 4)
        let (shape, weights) = (try call.call.shape(of: x), try call.call.shape(of: kernel))
        guard weights.count == count + 2, let channels = shape[isFirst ? 1 : count + 1].value,
            let width = weights[count].value, width > 0, channels % width == 0
        else { throw call.call.configuration.unsupported("its kernel \(weights.text) does not fit \(shape.text)") }
        let convolution = Convolution(
            strides: try call.spatial("strides", at: 2, count: count, default: [1]),
            padding: try call.windowPadding(at: 3),
            dilations: try call.spatial("dilation_rate", at: 5, count: count, default: [1]), groups: channels / width,
            channelsFirst: isFirst)
        return [try call.call.add(convolution, x, kernel)]
    }
}

/// Images of another size.
struct ResizeFunction: KerasFunction {
    static let names = ["Resize"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("images", "image", at: 0)
        let crops = try call.boolean("crop_to_aspect_ratio", at: 4, default: false)
        let pads = try call.boolean("pad_to_aspect_ratio", at: 5, default: false)
        guard try call.spatialAxisCount(of: x) == 2, !crops, !pads else {
            throw call.call.configuration.notRunnable("it resizes single images, or keeps their aspect ratio")
        }
        let name = call.attribute("interpolation", at: 2)?.string ?? ResizeMethod.bilinear.rawValue
        guard let method = ResizeMethod(rawValue: name) else {
            throw call.call.configuration.notRunnable("\(name) interpolation is not known")
        }
        let resize = Resize(
            to: .extents(try call.spatial("size", at: 1, count: 2, default: nil)), method: method,
            antialias: try call.boolean("antialias", at: 3, default: false), channelsFirst: call.channelsFirst(at: 8))
        return [try call.call.add(resize, x)]
    }
}

extension FunctionCall {
    /// The axes between batch and channels.
    fileprivate func spatialAxisCount(of x: ValueID) throws(AssayError) -> Int {
        let shape = try call.shape(of: x)
        guard (3...5).contains(shape.count) else {
            throw call.configuration.unsupported("takes three to five axes, and is called with \(shape.text)")
        }
        return shape.count - 2
    }

    /// A number for each spatial axis; one stands for all of them.
    fileprivate func spatial(
        _ key: String, at position: Int, count: Int, default standard: [Int]?
    ) throws(AssayError) -> [Int] {
        guard let numbers = try integers(key, at: position) ?? standard,
            numbers.count == count || numbers.count == 1, numbers.allSatisfy({ $0 > 0 })
        else { throw call.configuration.invalid(key, expected: "\(count) positive integers") }
        return numbers.count == count ? numbers : [Int](repeating: numbers[0], count: count)
    }

    fileprivate func windowPadding(at position: Int) throws(AssayError) -> ConvolutionPadding {
        switch attribute("padding", at: position)?.string ?? "valid" {
        case "valid": return .valid
        case "same": return .same
        default: throw call.configuration.invalid("padding", expected: "valid or same")
        }
    }

    fileprivate func channelsFirst(at position: Int) -> Bool {
        attribute("data_format", at: position)?.string == "channels_first"
    }
}
