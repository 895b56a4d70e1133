// RepeatVector: a vector at each of several steps.

import AssayGraph
import AssayOperators
import AssayTensors

/// y[b, t, :] = x[b, :] for each of `n` steps.
struct RepeatVectorLayer: KerasLayer {
    static let classNames = ["RepeatVector"]

    private let count: Int

    init(_ configuration: KerasConfiguration) throws(AssayError) { count = try configuration.count("n") }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        [try call.add(Repeat(count: count, axis: 1), call.add(ExpandDims(axes: [1]), call.input()))]
    }
}
