// Dense: a product with a kernel over the last axis, a bias, an activation.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = activation(x · kernel + bias).
struct Dense: KerasLayer {
    static let classNames = ["Dense"]

    private let units: Int
    private let usesBias: Bool
    private let activation: KerasActivation

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        units = try configuration.count("units")
        usesBias = try configuration.boolean("use_bias", default: true)
        activation = try configuration.activation()
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let kernel = try call.weight("kernel", [call.width(of: x), .known(units)])
        let bias = usesBias ? try call.weight("bias", [.known(units)]) : nil
        return [try activation.apply(to: call.add(Linear(), x, kernel, bias), in: call)]
    }
}
