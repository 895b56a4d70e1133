// Tile: a value again and again along its axes.

import AssayGraph
import AssayTensors

/// y = x again and again along each axis, as NumPy's `tile`.
///
/// Operand: x. Result: its extents times `repeats`; the shorter of both is filled up with ones in front.
public struct Tile: Operator {
    /// The name in the JSON form.
    public static let name = "Tile"
    /// The formula.
    public static let formula = "y[…, i, …] = x[…, i mod extent, …]"
    /// How often along each axis.
    public var repeats: [Int]

    /// Repetitions along each axis.
    public init(repeats: [Int]) {
        self.repeats = repeats
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// Extents and repetitions, the shorter one filled up with ones in front.
    private func aligned<Extent: ExpressibleByIntegerLiteral>(_ shape: [Extent]) -> ([Extent], [Int]) {
        let rank = max(shape.count, repeats.count)
        return (
            [Extent](repeating: 1, count: rank - shape.count) + shape,
            [Int](repeating: 1, count: rank - repeats.count) + repeats
        )
    }

    /// The extents times the repetitions.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard repeats.allSatisfy({ $0 >= 0 }), repeats.count <= Shape.maximumRank else {
            throw mismatch("wrong repeats", found: "\(repeats)")
        }
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        let (extents, times) = aligned(shape)
        return [Fact(x.type, zip(extents, times).map { $0 * .known($1) })]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let missing = shape.count - x.shape.count
        return [
            ReferenceTensor(type, shape) { position in
                x[x.shape.indices.map { position[missing + $0] % x.shape[$0] }]
            }
        ]
    }

    /// A strided copy that stands still along the repetitions.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let (extents, times) = aligned(x.shape)
        let strides = Shape(extents).strides
        StridedCopy(
            shape: zip(times, extents).flatMap { [$0, $1] }, sourceStrides: strides.flatMap { [0, $0] }
        )
        .run(from: x.start, to: y.start, elementBytes: x.elementBytes, threads: call.threads)
    }
}
