// CenterCrop and RandomCrop: images of a fixed size, cut out of larger ones.

import AssayGraph
import AssayOperators
import AssayTensors

/// The middle of images that are large enough; others are cropped to the aspect ratio and resized.
struct CenterCropLayer: KerasLayer {
    static let classNames = ["CenterCrop"]

    private let resizing: ImageResizing

    init(_ configuration: KerasConfiguration) throws(AssayError) { resizing = try ImageResizing(configuration) }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try resizing.input(call)
        let own = try resizing.extents(of: x, call)
        let (rows, columns) = (own.height - resizing.height, own.width - resizing.width)
        guard rows >= 0, columns >= 0 else { return [try resizing.resized(resizing.cropped(x, call), call)] }
        return [try resizing.window(x, rows / 2, columns / 2, resizing.height, resizing.width, call)]
    }
}

/// At inference Keras 2 crops to the aspect ratio and resizes; Keras 3 does nothing.
struct RandomCropLayer: KerasLayer {
    static let classNames = ["RandomCrop"]

    private let resizing: ImageResizing

    init(_ configuration: KerasConfiguration) throws(AssayError) { resizing = try ImageResizing(configuration) }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        guard call.generation != .keras3 else { return [try call.input()] }
        return [try resizing.resized(resizing.cropped(resizing.input(call), call), call)]
    }
}
