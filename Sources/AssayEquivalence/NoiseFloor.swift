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

    /// How many draws at most; the largest of them counts.
    static let draws: UInt64 = 3
    /// A draw moves values at random: another one may move them several times as far. And two orders of evaluation differ in
    /// more places than the weights.
    private static let safety = 8.0
    /// No sum of products is more exact than a few units of Double.
    private static let smallest = 0x1p-49

    /// The copies of A that a floor is measured with.
    enum Draw: Hashable {
        /// Every stored number moved by half a unit of the type it is stored in.
        case reRounding(UInt64)
        /// Every stored number moved by half a unit of Double.
        case arithmetic

        var adjustment: PreparedParameters<Double>.Adjustment {
            switch self {
            case .reRounding(let seed): Perturbation.halfUnit(seed: seed)
            case .arithmetic: Perturbation.halfUnit(in: .f64, seed: 17)
            }
        }
    }

    /// Takes in how far a draw moved a value.
    mutating func add(_ difference: Difference, of draw: Draw, at value: ValueID) {
        switch draw {
        case .reRounding: reRounding[value] = max(reRounding[value] ?? 0, difference.distance)
        case .arithmetic: arithmetic[value] = max(arithmetic[value] ?? 0, difference.distance)
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
