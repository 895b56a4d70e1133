// Flatten: all axes behind the batch as one.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = x as `[batch, elements]`; channels are moved last before, where they stand first.
struct FlattenLayer: KerasLayer {
    static let classNames = ["Flatten"]

    private let channelsFirst: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        channelsFirst = try configuration.channelsFirst()
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        var x = try call.input()
        let rank = try call.shape(of: x).count
        if rank == 1 { return [try call.add(ExpandDims(axes: [1]), x)] }
        if channelsFirst, rank > 2 { x = try call.add(Transpose(order: [0] + Array(2..<rank) + [1]), x) }
        return [try call.add(Reshape([.copied(axis: 0), .inferred]), x)]
    }
}
