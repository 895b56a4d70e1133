// How far the values of a model move for no reason: measured, not guessed.

import AssayExecution
import AssayGraph
import AssayTensors

/// How far each value of A moves when its weights are re-rounded, and how far Double's own rounding moves it.
struct NoiseFloor: Sendable {
    /// The distance that re-rounding of the stored weights makes: above it a difference is real.
    private(set) var reRounding: [ValueID: Double] = [:]
    /// A unit of Double beside a unit of the coarsest type in which A stores numbers.
    private let precision: Double

    /// How many draws at most; the largest of them counts.
    static let draws: UInt64 = 3
    /// A draw moves values at random: another one may move them several times as far. And two orders of evaluation differ in
    /// more places than the weights.
    private static let safety = 8.0
    /// No sum of products is more exact than a few units of Double.
    private static let smallest = 0x1p-49

    /// A floor of `side`'s values, with nothing measured yet.
    init(of side: Side) {
        precision =
            side.storedTypes.map {
                Perturbation.unitInLastPlace(1, of: .f64) / Perturbation.unitInLastPlace(1, of: $0)
            }.min() ?? 1
    }

    /// Takes in how far a draw moved a value.
    mutating func add(_ difference: Difference, at value: ValueID) {
        reRounding[value] = max(reRounding[value] ?? 0, difference.distance)
    }

    /// The largest distance that a measured one explains.
    static func allowance(_ measured: Double) -> Double { safety * max(measured, smallest) }

    /// The largest distance at `value` that re-rounded weights explain.
    func tolerance(at value: ValueID) -> Double { NoiseFloor.allowance(reRounding[value] ?? 0) }

    /// The largest distance at `value` that the rounding of Double explains. What re-rounding does says how sensitive the value
    /// is; Double rounds that much more finely.
    func roundingTolerance(at value: ValueID) -> Double {
        NoiseFloor.allowance((reRounding[value] ?? 0) * precision)
    }

    /// Whether another draw may change what a distance at `value` says: it lies above a tolerance, but not so far above that
    /// no draw reaches it.
    func isDoubtful(_ distance: Double, at value: ValueID) -> Bool {
        [tolerance(at: value), roundingTolerance(at: value)].contains {
            distance > $0 && distance <= NoiseFloor.safety * $0
        }
    }
}

extension Side {
    /// The floating-point types of the parameters and constants that the graph uses.
    fileprivate var storedTypes: Set<ElementType> {
        Set(
            graph.values.compactMap { value in
                switch value.origin {
                case .parameter(let parameter): model[parameter].type
                case .constant(let tensor): tensor.type
                case .input, .node: nil
                }
            }.filter(\.isFloatingPoint))
    }
}
