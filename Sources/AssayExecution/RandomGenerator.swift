// Random numbers that are the same for the same seed on every machine and in every version.

import Glibc

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
public struct RandomGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// A generator for `seed`.
    ///
    /// - Parameter index: how many words are skipped: the n-th word of a seed is the same however it is reached.
    public init(seed: UInt64, from index: UInt64 = 0) { state = seed &+ index &* RandomGenerator.step }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= RandomGenerator.step
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// Uniform in [0, 1): 53 random bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in 0 ..< bound (Lemire's multiplication; its bias of under 2⁻³² does not matter here).
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "a positive bound")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Normal with mean 0 and deviation 1 (Box and Muller's first value).
    public mutating func normal() -> Double {
        let radius = sqrt(-2 * log(1 - uniform()))
        return radius * cos(2 * Double.pi * uniform())
    }
}
