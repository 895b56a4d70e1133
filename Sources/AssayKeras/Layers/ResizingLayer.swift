// Resizing: images of another size, with or without what their shape has too much or too little of.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x resized to `height` × `width`; before, it may be cropped or padded to their aspect ratio.
struct ResizingLayer: KerasLayer {
    static let classNames = ["Resizing"]

    private let resizing: ImageResizing
    private let crops: Bool
    private let pads: Bool
    private let fill: Double

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        var resizing = try ImageResizing(configuration)
        resizing.method = try configuration.resizeMethod(default: .bilinear)
        resizing.antialias = try configuration.boolean("antialias", default: false)
        self.resizing = resizing
        crops = try configuration.boolean("crop_to_aspect_ratio", default: false)
        pads = try configuration.boolean("pad_to_aspect_ratio", default: false)
        fill = try configuration.number("fill_value", default: 0)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        var x = try resizing.input(call)
        if crops { x = try resizing.cropped(x, call) } else if pads { x = try resizing.padded(x, fill, call) }
        return [try resizing.resized(x, call)]
    }
}

/// What the layers that give images of a fixed size share.
struct ImageResizing {
    let height: Int
    let width: Int
    let channelsFirst: Bool
    var method = ResizeMethod.bilinear
    var antialias = false

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        height = try configuration.count("height")
        width = try configuration.count("width")
        channelsFirst = try configuration.channelsFirst()
    }

    private var axes: [Int] { channelsFirst ? [2, 3] : [1, 2] }

    /// The images, in the type that the layer computes in.
    func input(_ call: KerasCall) throws(AssayError) -> ValueID {
        let x = try call.input()
        guard try call.shape(of: x).count == 4 else {
            throw call.configuration.notRunnable("it takes batches of images")
        }
        let fact = call.fact(of: x)
        guard !fact.type.isFloatingPoint else { return x }
        // Keras 3 gives the type that comes in, Keras 2 the type that the layer computes in.
        guard call.generation != .keras3 else { throw call.configuration.notRunnable("its images are integers") }
        return try call.add(Cast(call.configuration.computeType()), x)
    }

    /// Height and width of a value.
    ///
    /// - Throws: `AssayError.notRunnable` where they are not known.
    func extents(of x: ValueID, _ call: KerasCall) throws(AssayError) -> (height: Int, width: Int) {
        let shape = try call.shape(of: x)
        guard let height = shape[axes[0]].value, let width = shape[axes[1]].value else {
            throw call.configuration.notRunnable("the size of its images is not known")
        }
        return (height, width)
    }

    /// The largest window in the middle that has the aspect ratio; the arithmetic is Keras's, in Float.
    func cropped(_ x: ValueID, _ call: KerasCall) throws(AssayError) -> ValueID {
        let own = try extents(of: x, call)
        let tall = max(1, min(own.height, Int(Float(own.width * height) / Float(width))))
        let wide = max(1, min(own.width, Int(Float(own.height * width) / Float(height))))
        return try window(x, (own.height - tall) / 2, (own.width - wide) / 2, tall, wide, call)
    }

    /// The window of an image.
    func window(
        _ x: ValueID, _ top: Int, _ left: Int, _ height: Int, _ width: Int, _ call: KerasCall
    ) throws(AssayError) -> ValueID {
        try call.add(
            Slice(axes: axes, starts: [top, left], stops: [top + height, left + width], steps: [1, 1]), x)
    }

    /// The image with as much of `fill` on both sides as the aspect ratio wants.
    func padded(_ x: ValueID, _ fill: Double, _ call: KerasCall) throws(AssayError) -> ValueID {
        let own = try extents(of: x, call)
        let top = max(0, Int(Float(own.width * height) / Float(width)) - own.height) / 2
        let left = max(0, Int(Float(own.height * width) / Float(height)) - own.width) / 2
        let (whole, sides) = ([[0, 0]], [[top, top], [left, left]])
        return try call.add(
            Pad(amounts: channelsFirst ? whole + whole + sides : whole + sides + whole, mode: .constant, value: fill), x
        )
    }

    /// The image in the size that is asked for.
    func resized(_ x: ValueID, _ call: KerasCall) throws(AssayError) -> ValueID {
        try call.add(
            Resize(
                to: .extents([height, width]), method: method, antialias: antialias, channelsFirst: channelsFirst), x)
    }
}

extension KerasConfiguration {
    /// The method of interpolation.
    func resizeMethod(default standard: ResizeMethod) throws(AssayError) -> ResizeMethod {
        let name = try string("interpolation", default: standard.rawValue).lowercased()
        guard let method = ResizeMethod(rawValue: name) else {
            throw invalid("interpolation", expected: ResizeMethod.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return method
    }
}
