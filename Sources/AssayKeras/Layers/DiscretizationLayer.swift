// Discretization: the number of the bin that a value falls into.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = how many boundaries are not above x. Boundaries stand in the configuration, or follow from the summary of the data
/// that Keras 2 keeps as a weight of an adapted layer.
struct DiscretizationLayer: KerasLayer {
    static let classNames = ["Discretization"]

    private let boundaries: [Double]?
    private let binCount: Int

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        boundaries = try configuration.numbers("bin_boundaries")
        binCount =
            if let boundaries { boundaries.count + 1 } else { try configuration.count("num_bins") }
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        var x = try call.input()
        if !call.fact(of: x).type.isFloatingPoint { x = try call.add(Cast(.f32), x) }
        let bins = try boundaries(call)
        let isAbove = try call.add(Compare(.greaterEqual), call.add(ExpandDims(axes: [-1]), x), bins)
        let number = try call.add(
            Reduce(.sum, axes: [-1], keepDimensions: false), call.add(Cast(.i64), isAbove))
        return [try CategoryEncoder(call.configuration, depth: binCount).encode(number, call)]
    }

    private func boundaries(_ call: KerasCall) throws(AssayError) -> ValueID {
        if let boundaries {
            return call.constant(Tensor(boundaries.map { Float($0) }, shape: Shape([boundaries.count])))
        }
        guard call.generation != .keras3 else { throw call.configuration.notRunnable("it has no boundaries yet") }
        let summary = try call.weight("summary", [2, .symbolic("samples")], isTrainable: false, type: .f32)
        return try call.add(BinBoundaries(count: binCount), summary)
    }
}
