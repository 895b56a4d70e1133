// Activation functions over rows of the fast path.

import AssayTensors

extension ActivationFunction {
    /// Replaces `count` values by the function's values.
    func apply<Scalar: FastScalar>(_ values: UnsafeMutablePointer<Scalar>, count: Int) {
        if self == .linear { return }
        for index in 0..<count { values[index] = Scalar(apply(Double(values[index]))) }
    }
}
