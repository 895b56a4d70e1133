// How far the values of a model move for no reason: measured, not guessed.

import AssayExecution
import AssayGraph
import AssayTensors

/// How far each value of A moves when its weights are re-rounded, and when they are only touched by Double's own rounding.
struct NoiseFloor: Sendable {
    /// The distance that re-rounding of the stored weights makes: above it a difference is real.
    private(set) var reRounding: [ValueID: Double] = [:]
    /// The distance that the rounding of Double arithmetic makes: nothing is equal more exactly than that.
    private(set) var arithmetic: [ValueID: Double] = [:]

    /// How many draws; the largest of them counts.
    private static let draws: UInt64 = 3
    /// A draw moves values at random: another one may move them several times as far. And two orders of evaluation differ in
    /// more places than the weights.
    private static let safety = 8.0
    /// No sum of products is more exact than a few units of Double.
    private static let smallest = 0x1p-49

    /// Measures the floor at `values`.
    init(
        _ side: Side, _ values: [ValueID], _ sets: [InputSet], base: RecordedValues, threads: ThreadPool
    ) throws(AssayError) {
        for draw in 0..<NoiseFloor.draws {
            try measure(
                side, values, sets, base, threads, Perturbation.halfUnit(seed: draw), into: &reRounding)
        }
        try measure(
            side, values, sets, base, threads, Perturbation.halfUnit(in: .f64, seed: 17), into: &arithmetic)
    }

    private func measure(
        _ side: Side, _ values: [ValueID], _ sets: [InputSet], _ base: RecordedValues, _ threads: ThreadPool,
        _ adjust: @escaping PreparedParameters<Double>.Adjustment, into floor: inout [ValueID: Double]
    ) throws(AssayError) {
        let parameters = PreparedParameters<Double>(side.model, adjust: adjust)
        let moved = try side.values(values, sets, parameters: parameters, threads: threads)
        for value in values {
            guard let before = base[value], let after = moved[value],
                let difference = try Difference(before, after)
            else { continue }
            floor[value] = max(floor[value] ?? 0, difference.distance)
        }
    }

    /// The largest distance that a measured one explains.
    static func allowance(_ measured: Double) -> Double { safety * max(measured, smallest) }

    /// The largest distance at `value` that re-rounded weights explain.
    func tolerance(at value: ValueID) -> Double {
        NoiseFloor.allowance(max(reRounding[value] ?? 0, arithmetic[value] ?? 0))
    }

    /// The largest distance at `value` that the rounding of Double explains.
    func roundingTolerance(at value: ValueID) -> Double {
        NoiseFloor.allowance(arithmetic[value] ?? 0)
    }
}
