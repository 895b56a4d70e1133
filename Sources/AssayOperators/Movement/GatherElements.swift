// GatherElements: along one axis, an index for each element.

import AssayGraph
import AssayTensors

/// y = elements of x, each at its own index along an axis, as NumPy's `take_along_axis`.
///
/// Operands: x, indices with as many axes. Result: the shape of the indices.
public struct GatherElements: Operator {
    /// The name in the JSON form.
    public static let name = "GatherElements"
    /// The formula.
    public static let formula = "y[…, i, …] = x[…, indices[…, i, …], …]"
    /// The axis that indices count along.
    public var axis: Int

    /// Elements along `axis`.
    public init(axis: Int) {
        self.axis = axis
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    private func outside(_ index: Double, _ extent: Int) -> AssayError {
        .usage("GatherElements: an index lies outside", expected: "\(-extent) to \(extent - 1)", found: "\(index)")
    }

    /// The shape of the indices.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        let indices = try require(operands, 1, "the indices")
        guard let shape = x.shape, let picked = indices.shape else { return [Fact(x.type, nil)] }
        let axis = try resolve(axis: axis, rank: shape.count)
        guard picked.count == shape.count else {
            throw mismatch("wrong indices", expected: "\(shape.count) axes", found: picked.text)
        }
        for place in shape.indices where place != axis {
            if let most = shape[place].value, let extent = picked[place].value, extent > most {
                throw mismatch("wrong indices", expected: "at most \(shape.text) beside the axis", found: picked.text)
            }
        }
        return [Fact(x.type, picked)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let indices = try given(operands, 1)
        let axis = axis.axis(of: shape.count)
        let extent = x.shape[axis]
        return [
            try ReferenceTensor(type, shape) { (position) throws(AssayError) in
                let value = indices[position].rounded(.towardZero)
                guard value >= Double(-extent), value < Double(extent) else { throw outside(value, extent) }
                var source = position
                source[axis] = value < 0 ? Int(value) + extent : Int(value)
                return x[source]
            }
        ]
    }

    /// Element by element.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, indices, y) = (call.operand(0), call.operand(1), call.result())
        let axis = axis.axis(of: x.rank)
        let (extent, strides) = (x.shape[axis], x.strides)
        var kept = strides
        kept[axis] = 0
        var odometer = Odometer(StridedAxes(shape: y.shape, strides: [kept]), at: 0)
        for place in 0..<y.count {
            guard let index = indices.integer(at: place), index >= -extent, index < extent else {
                throw outside(indices.double(at: place), extent)
            }
            y.copy(1, from: x, at: odometer.offsets[0] + index.axis(of: extent) * strides[axis], to: place)
            odometer.advance()
        }
    }
}
