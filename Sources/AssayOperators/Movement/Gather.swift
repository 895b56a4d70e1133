// Gather: slices along one axis by their numbers.

import AssayGraph
import AssayTensors

/// y = slices of x along an axis, as NumPy's `take`: negative numbers count from the end.
///
/// Operands: x, indices of any shape. Result: the shape of x with the axis replaced by the indices' axes.
public struct Gather: RowReader {
    /// The name in the JSON form.
    public static let name = "Gather"
    /// The formula.
    public static let formula = "y[before, i…, behind] = x[before, indices[i…], behind]"
    /// The axis that indices count along.
    public var axis: Int

    /// Slices along `axis`.
    public init(axis: Int) { self.axis = axis }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// Rows, along the first axis.
    public var readRows: (table: Int, numbers: Int)? { axis == 0 ? (0, 1) : nil }

    /// The shape of x with the axis replaced by the indices' axes.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        let indices = try require(operands, 1, "the indices")
        guard let shape = x.shape else { return [Fact(x.type, nil)] }
        let axis = try resolve(axis: axis, rank: shape.count)
        guard let picked = indices.shape else { return [Fact(x.type, nil)] }
        return [
            Fact(
                x.type, shape[..<axis] + picked + shape[(axis + 1)...],
                integers: shape.count == 1 ? fold(x.integers, indices.integers) : nil)
        ]
    }

    private func fold(_ values: [Dimension]?, _ indices: [Dimension]?) -> [Dimension]? {
        guard let values, let indices else { return nil }
        var result: [Dimension] = []
        for index in indices {
            guard let index = index.value, index >= -values.count, index < values.count else { return nil }
            result.append(values[index.axis(of: values.count)])
        }
        return result
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        let indices = try given(operands, 1)
        let axis = axis.axis(of: x.shape.count)
        let extent = x.shape[axis]
        return [
            try ReferenceTensor(type, shape) { (position) throws(AssayError) in
                let behind = axis + indices.shape.count
                let value = indices[Array(position[axis..<behind])].rounded(.towardZero)
                guard value >= Double(-extent), value < Double(extent) else { throw outside(value, extent) }
                let index = value < 0 ? Int(value) + extent : Int(value)
                return x[Array(position[..<axis]) + [index] + Array(position[behind...])]
            }
        ]
    }

    /// One copy for each index and position before.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, indices, y) = (call.operand(0), call.operand(1), call.result())
        let split = AxisSplit(x.shape, axis: axis.axis(of: x.rank))
        var found: [Int] = []
        for place in 0..<indices.count {
            guard let index = indices.integer(at: place), index >= -split.extent, index < split.extent else {
                throw outside(indices.double(at: place), split.extent)
            }
            found.append(index.axis(of: split.extent))
        }
        let slices = found
        call.threads.forEachPart(split.outer * slices.count, pieceCost: split.inner) { range in
            for position in range {
                let (outer, place) = position.quotientAndRemainder(dividingBy: slices.count)
                y.copy(
                    split.inner, from: x, at: (outer * split.extent + slices[place]) * split.inner,
                    to: position * split.inner)
            }
        }
    }

    private func outside(_ index: Double, _ extent: Int) -> AssayError {
        .usage("Gather: an index lies outside", expected: "\(-extent) to \(extent - 1)", found: "\(index)")
    }
}
