// The quality of the Float executions: how far they are from the Double ones, and from each other.

import AssayExecution
import AssayGraph
import AssayTensors

/// Both models in Float, beside the same in Double.
struct FloatQuality {
    private let floatsOfA: RecordedValues
    private let floatsOfB: RecordedValues

    /// Runs both models in Float.
    init(_ alignment: Alignment, ports: PortPairing, sets: [InputSet], threads: ThreadPool) throws(AssayError) {
        let a = alignment.a
        let b = alignment.b
        floatsOfA = try a.values(
            a.comparedValues, sets, parameters: PreparedParameters<Float>(a.model), threads: threads)
        floatsOfB = try b.values(
            b.comparedValues, ports.sets(forB: sets), parameters: PreparedParameters<Float>(b.model),
            threads: threads)
    }

    /// Adds the measures of a pair of values to a layer's comparison.
    func add(
        _ pair: (a: ValueID, b: ValueID), _ doublesOfA: RecordedValues, _ doublesOfB: RecordedValues,
        to comparison: inout LayerComparison
    ) throws(AssayError) {
        guard let mine = floatsOfA[pair.a], let theirs = floatsOfB[pair.b],
            let difference = try Difference(mine, theirs)
        else { return }
        var left: [Float] = []
        var right: [Float] = []
        for tensor in mine { left += try tensor.floats() }
        for tensor in theirs { right += try tensor.floats() }
        comparison.unitsInLastPlace = UnitsInLastPlace(left, right)
        guard let exactA = doublesOfA[pair.a], let exactB = doublesOfB[pair.b],
            let exact = try Difference(exactA, exactB)
        else { return }
        // The Float results differ by what the functions differ, and by rounding: the share of the latter.
        let total = difference.rootMeanSquare
        let share = total > 0 ? exact.rootMeanSquare / total : 0
        comparison.explainedByRounding = max(0, 1 - min(1, share * share))
    }
}
