// Split: parts of a value along an axis.

import AssayGraph
import AssayTensors

/// Parts of x along an axis, the opposite of `Concatenate`.
///
/// Operand: x. Results: one for each of `sizes`.
public struct Split: Operator {
    /// The name in the JSON form.
    public static let name = "Split"
    /// The formula.
    public static let formula = "y_k[…, i, …] = x[…, o_k + i, …], o_k = Σ sizes before k"
    /// The axis that is cut.
    public var axis: Int
    /// The extent of each part.
    public var sizes: [Int]

    /// Parts along `axis`.
    public init(axis: Int, sizes: [Int]) {
        self.axis = axis
        self.sizes = sizes
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The shape of each part.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard !sizes.isEmpty, sizes.allSatisfy({ $0 >= 0 && $0 < 1 << 53 }) else {
            throw mismatch("wrong sizes", found: "\(sizes)")
        }
        guard let shape = x.shape else { return sizes.map { _ in Fact(x.type, nil) } }
        let axis = try resolve(axis: axis, rank: shape.count)
        let whole = sizes.reduce(0) { $0 &+ $1 }
        guard shape[axis].isCompatible(with: .known(whole)) else {
            throw mismatch("the parts are not the whole", expected: shape[axis].description, found: "\(sizes)")
        }
        return sizes.map { size in
            var part = shape
            part[axis] = .known(size)
            return Fact(x.type, part)
        }
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let axis = axis.axis(of: x.shape.count)
        var first = 0
        var parts: [ReferenceTensor] = []
        for (type, shape) in try resultKinds(operands) {
            parts.append(
                ReferenceTensor(type, shape) { position in
                    var source = position
                    source[axis] += first
                    return x[source]
                })
            first += shape[axis]
        }
        return parts
    }

    /// One copy for each part and position before the axis.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let x = call.operand(0)
        let split = AxisSplit(x.shape, axis: axis.axis(of: x.rank))
        var first = 0
        for (size, y) in zip(sizes, call.results) {
            if let y {
                let length = size * split.inner
                for outer in 0..<split.outer {
                    y.copy(length, from: x, at: (outer * split.extent + first) * split.inner, to: outer * length)
                }
            }
            first += size
        }
    }
}
