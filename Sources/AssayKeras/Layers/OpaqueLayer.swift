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
        let facts = (0..<call.resultCount).map { index -> Fact? in
            call.declaredResults.indices.contains(index) ? call.declaredResults[index] : nil
        }
        let operation = Opaque(
            className: className, reason: reason, resultShapes: facts.map { $0?.shape },
            resultTypes: facts.map { $0?.type ?? .f32 })
        return try call.addAll(operation, call.arguments.tensors)
    }
}
