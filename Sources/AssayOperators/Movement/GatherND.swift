// GatherND: slices by positions of several axes.

import AssayGraph
import AssayTensors

/// y = slices of x at positions that the last axis of the indices holds (TensorFlow's `gather_nd`).
///
/// Operands: x, indices `[batch…, places…, depth]`. Result: `[batch…, places…]` and the axes of x behind `depth` ones.
public struct GatherND: Operator {
    /// The name in the JSON form.
    public static let name = "GatherND"
    /// The formula.
    public static let formula = "y[b…, p…, …] = x[b…, indices[b…, p…, 0], …, indices[b…, p…, depth − 1], …]"
    /// How many axes in front both have in common.
    public var batchDimensions: Int

    /// Slices by positions.
    public init(batchDimensions: Int = 0) {
        self.batchDimensions = batchDimensions
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    private func outside(_ index: Double, _ extent: Int) -> AssayError {
        .usage("GatherND: an index lies outside", expected: "\(-extent) to \(extent - 1)", found: "\(index)")
    }

    /// The shape of the places, and of a slice.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        let indices = try require(operands, 1, "the indices")
        guard let shape = x.shape, let picked = indices.shape else { return [Fact(x.type, nil)] }
        guard batchDimensions >= 0, picked.count > batchDimensions, let depth = picked.last?.value,
            batchDimensions <= shape.count, depth <= shape.count - batchDimensions
        else {
            throw mismatch("wrong indices", expected: "positions in \(shape.text)", found: picked.text)
        }
        for axis in 0..<batchDimensions where !picked[axis].isCompatible(with: shape[axis]) {
            throw mismatch("the batches differ", expected: shape[axis].description, found: picked.text)
        }
        return [Fact(x.type, picked.dropLast() + shape[(batchDimensions + depth)...])]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let indices = try given(operands, 1)
        let depth = indices.shape.last ?? 0
        let places = indices.shape.count - 1
        return [
            try ReferenceTensor(type, shape) { (position) throws(AssayError) in
                var source = Array(position[..<batchDimensions])
                for component in 0..<depth {
                    let value = indices[Array(position[..<places]) + [component]].rounded(.towardZero)
                    let extent = x.shape[batchDimensions + component]
                    guard value >= Double(-extent), value < Double(extent) else { throw outside(value, extent) }
                    source.append(value < 0 ? Int(value) + extent : Int(value))
                }
                return x[source + position[places...]]
            }
        ]
    }

    /// One copy a place.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, indices, y) = (call.operand(0), call.operand(1), call.result())
        let depth = indices.shape[indices.rank - 1]
        let strides = x.strides
        let length = x.shape[(batchDimensions + depth)...].reduce(1, *)
        let batchCount = x.shape[..<batchDimensions].reduce(1, *)
        guard y.count > 0 else { return }
        let placesPerBatch = y.count / length / batchCount
        for place in 0..<y.count / length {
            var offset = place / placesPerBatch * (x.count / batchCount)
            for component in 0..<depth {
                let extent = x.shape[batchDimensions + component]
                let at = place * depth + component
                guard let index = indices.integer(at: at), index >= -extent, index < extent else {
                    throw outside(indices.double(at: at), extent)
                }
                offset += index.axis(of: extent) * strides[batchDimensions + component]
            }
            y.copy(length, from: x, at: offset, to: place * length)
        }
    }
}
