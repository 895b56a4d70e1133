// RelativePositionBuckets: the number of the bucket that a distance between two positions falls into.

import AssayGraph
import AssayTensors
import Glibc

/// Buckets of relative positions as T5 makes them (Raffel et al. 2019; `_relative_position_bucket` in modeling_t5.py):
/// small distances have buckets of their own, larger ones share buckets that widen as the logarithm does.
///
/// Operands: query positions `[target]`, key positions `[source]`, both integers. Result: integers `[target, source]` below
/// the number of buckets. The logarithm is taken in Float in every precision, as the frameworks take it: the bucket of a
/// distance at an edge is part of the model.
public struct RelativePositionBuckets: Operator {
    /// The name in the JSON form.
    public static let name = "RelativePositionBuckets"
    /// The formula.
    public static let formula = """
        y[i, j] = offset + d where d < e, else offset + min(n − 1, ⌊e + (n − e) · ln(d / e) / ln(most / e)⌋), d = the distance \
        of key j from query i, e = n / 2; both ways, the keys behind have the second half of the buckets
        """
    /// The number of buckets.
    public var bucketCount: Int
    /// From this distance on, all share the last bucket.
    public var maximumDistance: Int
    /// Whether keys behind the query have buckets of their own; else they have that of distance 0.
    public var isBidirectional: Bool

    /// Buckets up to a distance.
    public init(bucketCount: Int, maximumDistance: Int, isBidirectional: Bool) {
        self.bucketCount = bucketCount
        self.maximumDistance = maximumDistance
        self.isBidirectional = isBidirectional
    }

    /// Numbers are right or wrong.
    public var exactness: Exactness { .exact }

    /// One logarithm each.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { results.first?.count ?? 0 }

    /// Buckets of one direction.
    private var directionCount: Int { isBidirectional ? bucketCount / 2 : bucketCount }

    /// A number for each pair.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        guard bucketCount < 1 << 24, maximumDistance < 1 << 24, directionCount / 2 >= 1,
            maximumDistance > directionCount / 2
        else {
            throw mismatch(
                "wrong buckets", expected: "two in each direction at least, and a distance beyond half of them",
                found: "\(bucketCount) up to \(maximumDistance)")
        }
        var extents: [Dimension] = []
        for (index, role) in ["the query positions", "the key positions"].enumerated() {
            let positions = try require(operands, index, role)
            guard positions.type.isInteger else {
                throw mismatch("wrong type of \(role)", expected: "integers", found: positions.type.displayName)
            }
            guard let shape = positions.shape else { return [Fact(.i64, nil)] }
            guard shape.count == 1 else { throw mismatch("wrong \(role)", expected: "one axis", found: shape.text) }
            extents += shape
        }
        return [Fact(.i64, extents)]
    }

    /// By the definition, each step rounded to Float.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let (queries, keys) = (try given(operands, 0), try given(operands, 1))
        let count = Double(directionCount)
        let exact = (count / 2).rounded(.down)
        let whole = Float(log(Double(maximumDistance) / exact))
        return [
            ReferenceTensor(type, shape) { position in
                let relative = keys.values[position[1]] - queries.values[position[0]]
                let offset = isBidirectional && relative > 0 ? count : 0
                let distance = isBidirectional ? abs(relative) : max(0, -relative)
                if distance < exact { return offset + distance }
                let part = Float(log(Double(Float(distance) / Float(exact)))) / whole
                return offset + min(count - 1, exact + Double((part * Float(count - exact)).rounded(.towardZero)))
            }
        ]
    }

    /// Row by row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (queries, keys, y) = (call.operand(0), call.operand(1), call.result())
        let operation = self
        call.threads.forEachPart(queries.count, pieceCost: 16 * keys.count) { rows in
            for row in rows {
                let buckets = y.integers + row * keys.count
                for column in 0..<keys.count {
                    buckets[column] = operation.bucket(keys.integers[column] &- queries.integers[row])
                }
            }
        }
    }

    private func bucket(_ relative: Int64) -> Int64 {
        let count = Int64(directionCount)
        let exact = count / 2
        let isBehind = relative > 0
        if isBehind, !isBidirectional { return 0 }
        let distance = isBehind ? relative : 0 &- relative
        let offset = isBehind ? count : 0
        guard distance >= exact else { return offset + distance }
        let octaves =
            Float(log(Double(Float(distance) / Float(exact)))) / Float(log(Double(maximumDistance) / Double(exact)))
        return offset + min(count - 1, exact + Int64(octaves * Float(count - exact)))
    }
}
