// Softmax as a layer, over one or several axes, with a mask.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = softmax(x) over the axes, of what the mask lets through.
struct SoftmaxLayer: KerasLayer {
    static let classNames = ["Softmax"]

    private let axes: [Int]

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        axes = try configuration.integers("axis") ?? [-1]
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        // Keras 3 makes a row zero where the mask lets nothing through.
        let softmax = Softmax(axes: axes, zeroesHiddenRows: call.generation == .keras3)
        return [try call.add(softmax, call.input(), call.mask ?? call.tensor("mask", at: 1))]
    }
}
