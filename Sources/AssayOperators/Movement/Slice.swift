// Slice: ranges of some axes, by Python's rules.

import AssayGraph
import AssayTensors

/// y = x[start:stop:step] along some axes, by Python's rules: negative bounds count from the end, bounds beyond it are
/// cut, a negative step goes backwards, a stop that is left out reaches to the end of the way.
///
/// Operands: x, starts and stops (integers that are known before running) or none, which win over the attributes.
/// Result: the extents that are left.
public struct Slice: Operator {
    /// The name in the JSON form.
    public static let name = "Slice"
    /// The formula.
    public static let formula = "y[…, i, …] = x[…, start + step · i, …]"
    /// The axes that are cut.
    public var axes: [Int]
    /// The first index along each axis.
    public var starts: [Int]
    /// The first index that is not taken any more along each axis; nil for all that is left.
    public var stops: [Int?]
    /// The step along each axis, not zero.
    public var steps: [Int]

    /// Ranges of `axes`.
    public init(axes: [Int], starts: [Int], stops: [Int?], steps: [Int]) {
        self.axes = axes
        self.starts = starts
        self.stops = stops
        self.steps = steps
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The extents that are left.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        if operands.count > 1 { return [try inferGiven(x, operands)] }
        guard axes.count == starts.count, axes.count == stops.count, axes.count == steps.count else {
            throw mismatch("as many starts, stops and steps as axes are needed", expected: "\(axes.count)")
        }
        guard !steps.contains(0), !steps.contains(.min) else { throw mismatch("a step is zero") }
        guard var shape = x.shape else { return [Fact(x.type, nil)] }
        let resolved = try resolve(axes: axes, rank: shape.count)
        for (index, axis) in resolved.enumerated() {
            if let extent = shape[axis].value {
                shape[axis] = .known(range(index, extent: extent).count)
            } else {
                shape[axis] = symbolicExtent(index, of: shape[axis])
            }
        }
        var integers: [Dimension]?
        if shape.count == 1, let values = x.integers {
            integers = axes.isEmpty ? values : range(0, extent: values.count).indices.map { values[$0] }
        }
        return [Fact(x.type, shape, integers: integers)]
    }

    /// The extents that are left where bounds are operands.
    private func inferGiven(_ x: Fact, _ operands: [Fact?]) throws(AssayError) -> Fact {
        guard let shape = x.shape else { return Fact(x.type, nil) }
        if let slice = given(operands[optional: 1]?.integers, operands[optional: 2]?.integers) {
            return try slice.infer([x])[0]
        }
        // Not known yet: from the start to a symbol, in steps of one, the symbol is what is left.
        var result = shape
        for (index, axis) in try resolve(axes: axes, rank: shape.count).enumerated() {
            let (start, stop) = (
                operands[optional: 1]?.integers?[safe: index], operands[optional: 2]?.integers?[safe: index]
            )
            result[axis] = .expression(
                "slice(\(shape[axis]), \(start?.description ?? "?"), \(stop?.description ?? "?"))")
            if steps[safe: index] == 1, start == 0, let stop, stop.value == nil { result[axis] = stop }
        }
        return Fact(x.type, result)
    }

    /// The same operator with bounds as attributes; nil where they are not known.
    private func given(_ starts: [Dimension]?, _ stops: [Dimension]?) -> Slice? {
        guard let first = starts?.compactMap(\.value), let last = stops?.compactMap(\.value),
            first.count == axes.count, last.count == axes.count
        else { return nil }
        return Slice(axes: axes, starts: first, stops: last.map { $0 == .max ? nil : $0 }, steps: steps)
    }

    /// The extent that is left of one that is no number yet.
    private func symbolicExtent(_ index: Int, of extent: Dimension) -> Dimension {
        let (start, stop, step) = (starts[index], stops[index], steps[index])
        let all = stop == nil || stop == .max
        switch (start, stop) {
        case (0, _) where all && step == 1: return extent
        case (-1, _) where all && step == -1: return extent
        case (1..., _) where all && step == 1: return extent - .known(start)
        case (0, let stop?) where stop < 0 && step == 1 && stop > .min: return extent - .known(-stop)
        // Whether there are so many elements is seen when the model runs.
        case (let start, let stop?) where step == 1 && start < 0 && stop < 0 && start < stop && start > .min:
            return .known(stop - start)
        case (let start, _) where all && step == 1 && start < 0 && start > .min: return .known(-start)
        case (0..., let stop?) where step == 1 && stop > start: return .known(stop - start)
        default: return .expression("slice(\(extent), \(start), \(stop.map(String.init) ?? ""), \(step))")
        }
    }

    /// The indices that are taken along the axis of number `index`: the first, and how many.
    private func range(_ index: Int, extent: Int) -> SliceRange {
        SliceRange(start: starts[index], stop: stops[index], step: steps[index], extent: extent)
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let x = try given(operands, 0)
        if operands.count > 1 {
            guard let slice = given(operands[optional: 1]?.fact.integers, operands[optional: 2]?.fact.integers) else {
                throw mismatch("bounds are missing")
            }
            return try slice.reference([x])
        }
        // The indices are walked one by one, as Python's `range` does.
        var taken = shape.indices.map { Array(0..<x.shape[$0]) }
        for (index, axis) in axes.enumerated() {
            let axis = axis.axis(of: shape.count)
            let range = range(index, extent: x.shape[axis])
            taken[axis] = range.indices
        }
        return [ReferenceTensor(type, shape) { position in x[position.indices.map { taken[$0][position[$0]] }] }]
    }

    /// A strided copy.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        guard y.count > 0 else { return }
        if call.operands.count > 1 {
            guard let slice = given(call.optional(1)?.dimensions, call.optional(2)?.dimensions) else {
                throw mismatch("bounds are missing")
            }
            return try slice.fast(
                FastCall(
                    operands: [x], results: call.results, threads: call.threads, workspace: call.workspace))
        }
        var strides = x.strides
        var start = 0
        for (index, axis) in axes.enumerated() {
            let axis = axis.axis(of: x.rank)
            let range = range(index, extent: x.shape[axis])
            start += range.first * strides[axis]
            strides[axis] *= range.step
        }
        StridedCopy(shape: y.shape, sourceStrides: strides)
            .run(from: x.address(start), to: y.start, elementBytes: x.elementBytes, threads: call.threads)
    }
}

/// Python's `start:stop:step` on an axis of known extent.
struct SliceRange {
    /// The first index.
    let first: Int
    /// How many are taken.
    let count: Int
    /// From one to the next.
    let step: Int

    /// The indices that are taken of `extent`; `step` is not zero.
    init(start: Int, stop: Int?, step: Int, extent: Int) {
        let (low, high) = step > 0 ? (0, extent) : (-1, extent - 1)
        func bounded(_ bound: Int) -> Int { Swift.min(Swift.max(bound < 0 ? bound + extent : bound, low), high) }
        first = bounded(start)
        let end = stop.map(bounded) ?? (step > 0 ? extent : -1)
        let distance = step > 0 ? end - first : first - end
        let size = Swift.abs(step)
        count = distance <= 0 ? 0 : (distance - 1) / size + 1
        // Beyond one element the step is smaller than the extent; it is not needed for fewer.
        self.step = count > 1 ? step : 1
    }

    /// The indices one by one.
    var indices: [Int] { (0..<count).map { first + $0 * step } }
}

extension FastTensor {
    /// The elements of a small value of integers.
    fileprivate var dimensions: [Dimension] { (0..<count).compactMap { integer(at: $0) }.map { .known($0) } }
}

extension Array {
    /// The element at `index`, nil where there are not so many.
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
