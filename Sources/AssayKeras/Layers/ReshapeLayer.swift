// Reshape: the axes behind the batch under another shape.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x under `target_shape`; one extent may be −1.
struct ReshapeLayer: KerasLayer {
    static let classNames = ["Reshape"]

    private let target: [ReshapeExtent]

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        guard let shape = try configuration.integers("target_shape", in: -1...KerasConfiguration.largestCount),
            shape.filter({ $0 == -1 }).count <= 1
        else { throw configuration.invalid("target_shape", expected: "extents, at most one of them -1") }
        target = [.copied(axis: 0)] + shape.map { $0 == -1 ? .inferred : .fixed($0) }
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        [try call.add(Reshape(target), call.input())]
    }
}
