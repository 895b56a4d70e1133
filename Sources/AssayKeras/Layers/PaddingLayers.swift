// ZeroPadding and Cropping over one to three axes.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x with zeros around, or with its edges cut off.
struct PaddingLayer: KerasLayer {
    static let classNames = [
        "Cropping1D", "Cropping2D", "Cropping3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D",
    ]

    private let layout: SpatialLayout
    /// Before and after each spatial axis; negative to cut off.
    private let amounts: [[Int]]

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        layout = try SpatialLayout(configuration)
        let isCropping = configuration.className.hasPrefix("Cropping")
        let amounts = try configuration.spatialAmounts(isCropping ? "cropping" : "padding")
        self.amounts = amounts.map { sides in sides.map { isCropping ? -$0 : $0 } }
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        _ = try layout.channels(of: x, in: call)
        let whole = [[0, 0]]
        let all = layout.channelsFirst ? whole + whole + amounts : whole + amounts + whole
        return [try call.add(Pad(amounts: all, mode: .constant, value: 0), x)]
    }
}
