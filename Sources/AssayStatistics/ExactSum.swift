// Sums that do not depend on the order of their terms.

/// The exact sum of any number of doubles, kept as an integer wide enough for all of them, so that sums of parts add up to
/// the sum of the whole, bit for bit.
///
/// The accumulator is fixed-point (Kulisch, "Computer Arithmetic and Validity", 2008): bit 0 weighs 2⁻¹⁰⁷⁴, the smallest
/// subnormal, and there is room above the largest double for 2⁶³ terms. It is held in digits of 32 bits in 64-bit signed
/// words, whose upper halves take carries until they are propagated.
public struct ExactSum: Sendable, Hashable {
    /// Digits in base 2³², the least first; each is within ±2⁶² between propagations.
    private var digits: [Int64]
    /// How many terms may still be added before carries must be propagated.
    private var room: Int

    /// 2098 bits for every double, 64 more for carries: 68 digits.
    private static let digitCount = 68
    private static let roomAfterPropagation = 1 << 29

    /// Nothing summed yet.
    public init() {
        digits = [Int64](repeating: 0, count: ExactSum.digitCount)
        room = ExactSum.roomAfterPropagation
    }

    /// Adds one term, exactly.
    ///
    /// - Precondition: it is finite.
    public mutating func add(_ value: Double) {
        precondition(value.isFinite, "a finite term")
        guard value != 0 else { return }
        if room == 0 { propagate() }
        room -= 1
        let exponent = Int(value.exponentBitPattern)
        let significand = exponent == 0 ? value.significandBitPattern : value.significandBitPattern | 1 << 52
        let shift = max(exponent - 1, 0)
        let digit = shift / 32
        // Up to 53 + 31 bits: three digits.
        let low = significand << UInt64(shift % 32)
        let high = shift % 32 == 0 ? 0 : significand >> UInt64(64 - shift % 32)
        let sign: Int64 = value < 0 ? -1 : 1
        digits[digit] += sign * Int64(low & 0xFFFF_FFFF)
        digits[digit + 1] += sign * Int64(low >> 32)
        digits[digit + 2] += sign * Int64(high)
    }

    /// Adds the terms of another sum, exactly.
    public mutating func add(_ other: ExactSum) {
        propagate()
        var other = other
        other.propagate()
        for index in digits.indices { digits[index] += other.digits[index] }
        propagate()
    }

    /// Brings every digit but the last into 0 ..< 2³²; the last carries the sign. Equal sums have equal digits then.
    private mutating func propagate() {
        var carry: Int64 = 0
        for index in 0..<digits.count - 1 {
            let total = digits[index] + carry
            digits[index] = total & 0xFFFF_FFFF
            carry = total >> 32
        }
        digits[digits.count - 1] += carry
        room = ExactSum.roomAfterPropagation
    }

    /// The sum, rounded once to nearest, ties to even; infinite beyond the largest double.
    public var value: Double {
        var sum = self
        sum.propagate()
        let isNegative = (sum.digits.last ?? 0) < 0
        if isNegative {
            for index in sum.digits.indices { sum.digits[index] = -sum.digits[index] }
            sum.propagate()
        }
        let magnitude = sum.roundedMagnitude
        return isNegative ? -magnitude : magnitude
    }

    /// The value of digits that are propagated and not negative.
    private var roundedMagnitude: Double {
        guard let top = digits.lastIndex(where: { $0 != 0 }) else { return 0 }
        let length = 32 * top + 64 - digits[top].leadingZeroBitCount
        // The 64 bits from the highest on, the last of them telling whether anything lies below ("sticky").
        let start = max(0, length - 64)
        var window = bits(from: start)
        if start > 0, hasBits(below: start) { window |= 1 }
        // Rounds to 53 bits, or to what a subnormal has: the window starts at bit 0 then and holds all bits exactly.
        return Double(sign: .plus, exponent: start - 1074, significand: Double(window))
    }

    /// 64 bits from `start` on.
    private func bits(from start: Int) -> UInt64 {
        let digit = start / 32
        let shift = UInt64(start % 32)
        func word(_ index: Int) -> UInt64 { index < digits.count ? UInt64(bitPattern: digits[index]) : 0 }
        let low = word(digit) | word(digit + 1) << 32
        return shift == 0 ? low : low >> shift | word(digit + 2) << (64 - shift)
    }

    private func hasBits(below start: Int) -> Bool {
        let digit = start / 32
        if digits[..<digit].contains(where: { $0 != 0 }) { return true }
        return digits[digit] & (1 << Int64(start % 32) - 1) != 0
    }

    /// The digits that are not zero, by index, for storing.
    public var storedDigits: [(index: Int, digit: Int)] {
        var sum = self
        sum.propagate()
        return sum.digits.enumerated().filter { $0.element != 0 }.map { ($0.offset, Int($0.element)) }
    }

    /// A sum as stored; nil for digits that no sum has.
    public init?(storedDigits: [(index: Int, digit: Int)]) {
        self.init()
        for (index, digit) in storedDigits {
            guard digits.indices.contains(index), digits[index] == 0 else { return nil }
            let isLast = index == digits.count - 1
            guard isLast ? digit.magnitude < 1 << 40 : (0..<1 << 32).contains(digit) else { return nil }
            digits[index] = Int64(digit)
        }
    }

    /// Whether both sum to the same, exactly.
    public static func == (left: ExactSum, right: ExactSum) -> Bool {
        var (first, second) = (left, right)
        first.propagate()
        second.propagate()
        return first.digits == second.digits
    }

    /// Equal sums hash alike.
    public func hash(into hasher: inout Hasher) {
        var sum = self
        sum.propagate()
        hasher.combine(sum.digits)
    }
}
