// UnitNormalization: vectors of length one.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x / √max(Σ x², 1e-12) over the axes.
struct UnitNormalizationLayer: KerasLayer {
    static let classNames = ["UnitNormalization"]

    private let axes: [Int]

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        axes = try configuration.integers("axis") ?? [-1]
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        [try call.add(UnitNormalization(axes: axes, epsilon: 1e-12), call.input())]
    }
}
