// IntegerHash: integers spread over bins by the hash of their decimal text, as Hashing of Keras does.

import AssayGraph
import AssayTensors

/// y = the fingerprint of x as decimal text, modulo the number of bins.
///
/// Operand: integers. Result: 64-bit integers of the same shape. The fingerprint is Fingerprint64 of FarmHash (Google 2014),
/// which TensorFlow's to_hash_bucket_fast takes.
public struct IntegerHash: Operator {
    /// The name in the JSON form.
    public static let name = "IntegerHash"
    /// The formula.
    public static let formula = "y[…] = fingerprint(decimal text of x[…]) mod bins"
    /// How many bins there are.
    public var bins: Int

    /// A hash into `bins` bins.
    public init(bins: Int) { self.bins = bins }

    /// A number or another one.
    public var exactness: Exactness { .exact }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard x.type.isInteger else {
            throw mismatch("wrong input", expected: "integers", found: x.type.displayName)
        }
        guard bins > 0 else { throw mismatch("wrong number of bins", expected: "at least 1", found: "\(bins)") }
        return [Fact(.i64, x.shape)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        return [ReferenceTensor(.i64, x.shape, x.values.map { Double(bin(Int64(saturating: $0))) })]
    }

    /// Element by element.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        for index in 0..<y.count { y.integers[index] = bin(x.integers[index]) }
    }

    private func bin(_ value: Int64) -> Int64 {
        Int64(Fingerprint.of(Array(String(value).utf8)) % UInt64(bins))
    }
}

/// Fingerprint64 of FarmHash for texts of at most 32 bytes.
private enum Fingerprint {
    private static let primes: (UInt64, UInt64, UInt64) = (
        0xC3A5_C85C_97CB_3127, 0xB492_B66F_BE98_F273, 0x9AE1_6A3B_2F90_404F
    )

    static func of(_ text: [UInt8]) -> UInt64 {
        let count = UInt64(text.count)
        let factor = primes.2 &+ 2 &* count
        func word(_ offset: Int, _ bytes: Int = 8) -> UInt64 {
            (0..<bytes).reduce(0) { $0 | UInt64(text[offset + $1]) << UInt64(8 * $1) }
        }
        switch text.count {
        case 0: return primes.2
        case 1...3:
            let first = UInt64(text[0]) + UInt64(text[text.count / 2]) << 8
            let last = count + UInt64(text[text.count - 1]) << 2
            let mixed = first &* primes.2 ^ last &* primes.0
            return (mixed ^ mixed >> 47) &* primes.2
        case 4...7: return mixed(count &+ word(0, 4) << 3, word(text.count - 4, 4), factor)
        case 8...16:
            let (a, b) = (word(0) &+ primes.2, word(text.count - 8))
            return mixed(
                rotated(b, 37) &* factor &+ a, (rotated(a, 25) &+ b) &* factor, factor)
        default:
            let (a, b) = (word(0) &* primes.1, word(8))
            let (c, d) = (word(text.count - 8) &* factor, word(text.count - 16) &* primes.2)
            return mixed(
                rotated(a &+ b, 43) &+ rotated(c, 30) &+ d, a &+ rotated(b &+ primes.2, 18) &+ c, factor)
        }
    }

    private static func mixed(_ first: UInt64, _ second: UInt64, _ factor: UInt64) -> UInt64 {
        var a = (first ^ second) &* factor
        a ^= a >> 47
        var b = (second ^ a) &* factor
        b ^= b >> 47
        return b &* factor
    }

    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value >> bits | value << (64 - bits) }
}
