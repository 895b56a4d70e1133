// Sparsemax as Keras 3 computes it.

import AssayGraph
import AssayOperators
import AssayTensors

extension KerasActivation {
    /// Keras's sparsemax along the last axis: max(x − tau, 0). Where Martins & Astudillo (2016) take the sum of the support
    /// for tau, Keras adds up all the partial sums on the way to it; a file means what its framework computes.
    static func sparsemax(_ x: ValueID, in call: KerasCall) throws(AssayError) -> ValueID {
        guard let width = call.width(of: x).value, width <= 1 << 16 else {
            throw call.configuration.notRunnable("sparsemax over an axis of unknown extent")
        }
        let sorted = try call.addAll(TopK(count: width), [x])[0]
        let sums = try call.add(CumulativeSum(axis: -1), sorted)
        let ranks = call.vector((1...max(width, 1)).map { Double($0) }, like: x)
        let one = call.scalar(1, like: x)
        let thresholds = try call.add(Binary(.divide), call.add(Binary(.subtract), sums, one), ranks)
        let isSupport = try call.add(Compare(.greater), sorted, thresholds)
        let type = call.fact(of: x).type
        let total = Reduce(.sum, axes: [-1], keepDimensions: true)
        let count = try call.add(total, call.add(Cast(type), isSupport))
        let sum = try call.add(total, call.add(Where(), isSupport, sums, call.scalar(0, like: x)))
        let tau = try call.add(Binary(.divide), call.add(Binary(.subtract), sum, one), count)
        return try call.add(Activation(.relu()), call.add(Binary(.subtract), x, tau))
    }
}
