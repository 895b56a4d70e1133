// PReLU: a learned slope below zero.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x above zero, alpha · x below; alpha has one element for each of the input's, or one along a shared axis.
struct PReLULayer: KerasLayer {
    static let classNames = ["PReLU"]

    private let sharedAxes: [Int]

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        sharedAxes = try configuration.integers("shared_axes") ?? []
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        var extents = try call.shape(of: x).dropFirst()
        for axis in sharedAxes {
            guard extents.indices.contains(axis) else {
                throw call.configuration.invalid("shared_axes", expected: "axes of the input from 1 on")
            }
            extents[axis] = 1
        }
        return [try call.add(ParametricRelu(), x, call.weight("alpha", Array(extents)))]
    }
}
