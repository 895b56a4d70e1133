// Permute: the axes behind the batch in another order.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x with axes `dims`, which count from 1: the batch stays in front.
struct PermuteLayer: KerasLayer {
    static let classNames = ["Permute"]

    private let order: [Int]

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        let axes = try configuration.integers("dims") ?? []
        guard axes.sorted() == Array(1..<(axes.count + 1)) else {
            throw configuration.invalid("dims", expected: "an order of the axes from 1 on")
        }
        order = [0] + axes
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        [try call.add(Transpose(order: order), call.input())]
    }
}
