// What Assay does not run: custom classes, Lambda, classes that nobody has written yet. Nothing of them is executed.

import AssayGraph
import AssayTensors

/// A layer that is shown and converted, and not run. Its weights are whatever the file has for it.
struct OpaqueLayer: KerasLayer {
    static let classNames: [String] = ["Lambda"]

    private let className: String
    private let reason: String

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        self.init(
            configuration,
            reason: configuration.className == "Lambda"
                ? "its function is Python code, which is never executed" : "the class is not known")
    }

    init(_ configuration: KerasConfiguration, reason: String) {
        className = configuration.registeredName ?? configuration.className
        self.reason = reason
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        call.takeAnyWeights()
        return try call.addAll(
            Opaque(
                className: className, reason: reason,
                resultShapes: Array(repeating: nil, count: call.resultCount)), call.arguments.tensors)
    }
}
