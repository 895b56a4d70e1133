// Moves the weights of a model a little, at random: how far its values follow is what differences are judged by.

import AssayExecution
import AssayGraph
import AssayTensors

/// Ways to move the stored values of a model.
enum Perturbation {
    /// Moves every parameter and constant by ± half a unit in the last place of `precision`, or of the type in which it is
    /// stored where that is nil: Monte Carlo arithmetic (Parker 1997), which shows how far legitimate re-rounding moves
    /// what is computed from them.
    static func halfUnit(
        in precision: ElementType? = nil, seed: UInt64
    ) -> PreparedParameters<Double>.Adjustment {
        { stored, type, values in
            var random = RandomGenerator(seed: seed &+ number(of: stored) &* 0x9E37_79B9_7F4A_7C15)
            for index in values.indices {
                let half = unitInLastPlace(values[index], of: precision ?? type) / 2
                values[index] += random.next() & 1 == 0 ? half : -half
            }
        }
    }

    /// How a parameter is moved at random.
    struct Move: Sendable {
        /// How far, as a Euclidean norm.
        var distance: Double
        /// Which elements may move; nil for all.
        var elements: [Bool]?
    }

    /// Moves each of some parameters in a random direction by a distance of its own.
    static func randomDirection(
        _ moves: [ParameterID: Move], seed: UInt64
    ) -> PreparedParameters<Double>.Adjustment {
        { stored, _, values in
            guard case .parameter(let parameter) = stored, let move = moves[parameter] else { return }
            var random = RandomGenerator(seed: seed &+ number(of: stored) &* 0x9E37_79B9_7F4A_7C15)
            let direction = values.indices.map { index in
                move.elements.map { $0[index] } ?? true ? random.normal() : 0
            }
            let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 0 else { return }
            for index in values.indices { values[index] += direction[index] * move.distance / length }
        }
    }

    private static func number(of stored: StoredValue) -> UInt64 {
        switch stored {
        case .parameter(let parameter): UInt64(parameter.index) << 1
        case .constant(let value): UInt64(value.index) << 1 | 1
        }
    }

    /// The distance to the next number that `type` can say.
    static func unitInLastPlace(_ value: Double, of type: ElementType) -> Double {
        let (mantissaBits, smallestExponent): (Int, Int) =
            switch type {
            case .f64: (52, -1022)
            case .f32: (23, -126)
            case .f16: (10, -14)
            case .bf16: (7, -126)
            case .f8e4m3: (3, -6)
            case .f8e5m2: (2, -14)
            default: (52, -1022)
            }
        guard value.isFinite else { return 0 }
        let exponent = value == 0 ? smallestExponent : max(Int(value.exponent), smallestExponent)
        return Double(sign: .plus, exponent: exponent - mantissaBits, significand: 1)
    }
}
