// IntegerHash: integers spread over bins by the hash of their decimal text, as Hashing of Keras does.

import AssayGraph
import AssayTensors

/// y = the hash of x as decimal text, modulo the number of bins.
///
/// Operand: integers. Result: 64-bit integers of the same shape. Without a salt the hash is Fingerprint64 of FarmHash (Google
/// 2014), which TensorFlow's to_hash_bucket_fast takes; with one SipHash-2-4 (Aumasson and Bernstein 2012), which
/// to_hash_bucket_strong takes.
public struct IntegerHash: Operator {
    /// The name in the JSON form.
    public static let name = "IntegerHash"
    /// The formula.
    public static let formula = "y[…] = hash(decimal text of x[…]) mod bins"
    /// How many bins there are.
    public var bins: Int
    /// The two halves of the key of a hash that others cannot foresee; none without a salt.
    public var salt: [Int]

    /// A hash into `bins` bins.
    public init(bins: Int, salt: [Int] = []) {
        self.bins = bins
        self.salt = salt
    }

    /// A number or another one.
    public var exactness: Exactness { .exact }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard x.type.isInteger else {
            throw mismatch("wrong input", expected: "integers", found: x.type.displayName)
        }
        guard bins > 0 else { throw mismatch("wrong number of bins", expected: "at least 1", found: "\(bins)") }
        guard salt.isEmpty || salt.count == 2 else {
            throw mismatch("wrong salt", expected: "two integers", found: "\(salt.count)")
        }
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
        let text = Array(String(value).utf8)
        let hash =
            salt.isEmpty
            ? Fingerprint.of(text)
            : SipHash.of(text, key: (UInt64(bitPattern: Int64(salt[0])), UInt64(bitPattern: Int64(salt[1]))))
        return Int64(hash % UInt64(bins))
    }
}
