// Moves the weights of a model a little, at random: how far its values follow is what differences are judged by.

import AssayExecution
import AssayGraph
import AssayTensors
import CKernels

/// Ways to move the stored values of a model.
enum Perturbation {
    /// Moves every parameter and constant by ± half a unit in the last place of the type in which it is stored: Monte Carlo
    /// arithmetic (Parker 1997), which shows how far legitimate re-rounding moves what is computed from them.
    static func halfUnit(seed: UInt64) -> PreparedParameters<Double>.Adjustment {
        .init(isElementwise: true) { stored, type, first, values in
            var mixer = RandomGenerator(seed: seed, from: number(of: stored))
            let seed = mixer.next()
            let format = Format(type)
            // A constant that is a whole number was not rounded: the 1 and the -10⁹ of a mask are what they are.
            let whole =
                if case .constant = stored {
                    values.indices.filter { values[$0] == values[$0].rounded() }.map { ($0, values[$0]) }
                } else { [(Int, Double)]() }
            let signs = signs(of: first..<first + values.count, seed: seed)
            guard let start = values.baseAddress else { return }
            assay_move_half_units(start, values.count, signs, format.mantissa, format.smallest)
            for (index, value) in whole { values[index] = value }
        }
    }

    /// A random bit for each of some elements, 64 in a word; that of an element is the same whichever others there are.
    private static func signs(of elements: Range<Int>, seed: UInt64) -> [UInt64] {
        func word(_ index: Int) -> UInt64 {
            var random = RandomGenerator(seed: seed, from: UInt64(index))
            return random.next()
        }
        let words = elements.lowerBound / 64...max(elements.lowerBound, elements.upperBound - 1) / 64
        let shift = UInt64(elements.lowerBound % 64)
        guard shift > 0 else { return words.map(word) }
        return words.map { word($0) >> shift | word($0 + 1) << (64 - shift) }
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
        .init(isElementwise: false) { stored, _, _, values in
            guard case .parameter(let parameter) = stored, let move = moves[parameter] else { return }
            var random = RandomGenerator(seed: seed, from: number(of: stored))
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
        Format(type).unitInLastPlace(value)
    }

    /// How finely a type divides numbers.
    private struct Format {
        /// The bits of the mantissa, as an exponent field.
        let mantissa: UInt64
        /// The exponent field of a double of the smallest normal size.
        let smallest: UInt64

        init(_ type: ElementType) {
            let (mantissaBits, smallestExponent): (Int, Int) =
                switch type {
                case .f32: (23, -126)
                case .f16: (10, -14)
                case .bf16: (7, -126)
                case .f8e4m3: (3, -6)
                case .f8e5m2: (2, -14)
                default: (52, -1022 + 52)
                }
            mantissa = UInt64(mantissaBits) << 52
            smallest = UInt64(smallestExponent + 1023) << 52
        }

        /// The distance to the next number; 0 for what is not finite.
        @inline(__always)
        func unitInLastPlace(_ value: Double) -> Double {
            let exponent = value.bitPattern & 0x7FF0_0000_0000_0000
            guard exponent != 0x7FF0_0000_0000_0000 else { return 0 }
            return Double(bitPattern: max(exponent, smallest) - mantissa)
        }
    }
}
