// Normalization as preprocessing: with the mean and variance of the data, from the configuration or adapted.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = (x − mean) / max(√variance, 1e-7) along the axes; inverted, y = mean + x · max(√variance, 1e-7).
struct NormalizationLayer: KerasLayer {
    static let classNames = ["Normalization"]

    private let axes: [Int]
    private let mean: [Double]?
    private let variance: [Double]?
    private let isInverse: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        // Null stands for no axis: one mean for all.
        axes = configuration.values["axis"] == nil ? [-1] : try configuration.integers("axis") ?? []
        mean = try configuration.flatNumbers("mean")
        variance = try configuration.flatNumbers("variance")
        isInverse = try configuration.boolean("invert", default: false)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        var x = try call.input()
        let type = try call.configuration.computeType()
        if call.fact(of: x).type != type { x = try call.add(Cast(type), x) }
        let shape = try call.shape(of: x)
        var kept: Set<Int> = []
        for axis in axes { kept.insert(try call.resolved(axis: axis, rank: shape.count)) }
        let statistics = try self.statistics(kept.sorted().map { shape[$0] }, like: x, call)
        let target = shape.indices.map { kept.contains($0) ? shape[$0] : 1 }
        let mean = try spread(statistics.mean, to: target, call)
        let variance = try spread(statistics.variance, to: target, call)
        let deviation = try call.add(
            Binary(.maximum), call.add(Unary(.sqrt), variance), call.scalar(1e-7, like: variance))
        guard isInverse else {
            return [try call.add(Binary(.divide), call.add(Binary(.subtract), x, mean), deviation)]
        }
        return [try call.add(Binary(.add), mean, call.add(Binary(.multiply), x, deviation))]
    }

    /// Given ones are no weights; adapted ones are three, with the number of examples last.
    private func statistics(
        _ extents: [Dimension], like x: ValueID, _ call: KerasCall
    ) throws(AssayError) -> (mean: ValueID, variance: ValueID) {
        if let mean, let variance { return (call.vector(mean, like: x), call.vector(variance, like: x)) }
        let mean = try call.weight("mean", extents, isTrainable: false)
        let variance = try call.weight("variance", extents, isTrainable: false)
        _ = try call.weight("count", [], isTrainable: false, type: call.generation == .keras3 ? .i32 : .i64)
        return (mean, variance)
    }

    /// A vector along the kept axes.
    private func spread(_ value: ValueID, to target: [Dimension], _ call: KerasCall) throws(AssayError) -> ValueID {
        let extents = target.compactMap(\.value)
        let count = extents.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue })
        guard extents.count == target.count, let own = call.fact(of: value).knownShape, own.count == count else {
            return value
        }
        return try call.add(Reshape(extents.map { .fixed($0) }), value)
    }
}

extension KerasConfiguration {
    /// All numbers of a nested list, row by row; nil where it is left out.
    fileprivate func flatNumbers(_ key: String) throws(AssayError) -> [Double]? {
        guard let value = self[key] else { return nil }
        var numbers: [Double] = []
        var open = [value]
        while let entry = open.popLast() {
            if let elements = entry.array {
                open.append(contentsOf: elements.reversed())
            } else if let number = entry.number, number.isFinite {
                numbers.append(number)
            } else {
                throw invalid(key, expected: "finite numbers")
            }
        }
        return numbers
    }
}
