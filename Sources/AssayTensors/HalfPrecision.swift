// Small floating-point formats by their bits: binary16, bfloat16, and the two 8-bit formats of OCP FP8.

/// Scalar conversions of the small floating-point formats, exact in both directions: round to nearest even, subnormals,
/// infinities and NaN included. Narrowing starts from a double and rounds once.
public enum HalfPrecision {
    /// A small floating-point format.
    private struct Format {
        let exponentBits: Int
        let mantissaBits: Int
        /// E4M3 has no infinities: the largest exponent holds numbers, and all mantissa bits set is NaN.
        let hasInfinity: Bool

        var bias: Int { 1 << (exponentBits - 1) - 1 }
        var signShift: Int { exponentBits + mantissaBits }
        var exponentMask: Int { 1 << exponentBits - 1 }
        var mantissaMask: Int { 1 << mantissaBits - 1 }

        static let half = Format(exponentBits: 5, mantissaBits: 10, hasInfinity: true)
        static let bfloat16 = Format(exponentBits: 8, mantissaBits: 7, hasInfinity: true)
        static let e4m3 = Format(exponentBits: 4, mantissaBits: 3, hasInfinity: false)
        static let e5m2 = Format(exponentBits: 5, mantissaBits: 2, hasInfinity: true)

        /// The value of a bit pattern.
        func decode(_ bits: Int) -> Float {
            let negative = bits >> signShift & 1 == 1
            let exponent = bits >> mantissaBits & exponentMask
            let mantissa = bits & mantissaMask
            let magnitude: Float
            if exponent == exponentMask, hasInfinity {
                if mantissa == 0 {
                    magnitude = .infinity
                } else {
                    // The payload keeps its place from the top, so that NaN survives a round trip; quiet, as hardware does.
                    let payload = UInt32(mantissa) << UInt32(23 - mantissaBits)
                    return Float(bitPattern: (negative ? 0xFF80_0000 : 0x7F80_0000) | 0x0040_0000 | payload)
                }
            } else if exponent == exponentMask, mantissa == mantissaMask {
                return Float(bitPattern: negative ? 0xFFC0_0000 : 0x7FC0_0000)
            } else if exponent == 0 {
                magnitude = Float(sign: .plus, exponent: 1 - bias - mantissaBits, significand: Float(mantissa))
            } else {
                magnitude = Float(
                    sign: .plus, exponent: exponent - bias - mantissaBits,
                    significand: Float(mantissa | 1 << mantissaBits))
            }
            return negative ? -magnitude : magnitude
        }

        /// The nearest bit pattern, ties to even.
        func encode(_ value: Double) -> Int {
            let sign = (value.sign == .minus ? 1 : 0) << signShift
            if value.isNaN {
                let payload = Int(value.bitPattern >> UInt64(52 - mantissaBits)) & mantissaMask
                guard hasInfinity else { return sign | exponentMask << mantissaBits | mantissaMask }
                return sign | exponentMask << mantissaBits | 1 << (mantissaBits - 1) | payload
            }
            let infinity = exponentMask << mantissaBits | (hasInfinity ? 0 : mantissaMask)
            let magnitude = value.magnitude
            guard magnitude.isFinite else { return sign | infinity }
            if magnitude == 0 { return sign }
            // In units of the last place, rounding is that of an integer; a carry walks into the exponent by itself.
            let exponent = max(Int(magnitude.exponent), 1 - bias)
            let units = Double(sign: .plus, exponent: mantissaBits - exponent, significand: magnitude)
            let rounded = units.rounded(.toNearestOrEven)
            let bits = (exponent + bias - 1) << mantissaBits + Int(min(rounded, 0x1p40))
            return sign | min(bits, infinity)
        }
    }

    /// The value of a binary16.
    public static func float(fromHalf bits: UInt16) -> Float { Format.half.decode(Int(bits)) }
    /// The value of a bfloat16.
    public static func float(fromBFloat16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
    /// The value of an E4M3 byte.
    public static func float(fromE4M3 bits: UInt8) -> Float { Format.e4m3.decode(Int(bits)) }
    /// The value of an E5M2 byte.
    public static func float(fromE5M2 bits: UInt8) -> Float { Format.e5m2.decode(Int(bits)) }

    /// The nearest binary16.
    public static func half(from value: Double) -> UInt16 { UInt16(Format.half.encode(value)) }
    /// The nearest bfloat16.
    public static func bfloat16(from value: Double) -> UInt16 { UInt16(Format.bfloat16.encode(value)) }
    /// The nearest E4M3; beyond the largest number there is only NaN.
    public static func e4m3(from value: Double) -> UInt8 { UInt8(Format.e4m3.encode(value)) }
    /// The nearest E5M2.
    public static func e5m2(from value: Double) -> UInt8 { UInt8(Format.e5m2.encode(value)) }
}
