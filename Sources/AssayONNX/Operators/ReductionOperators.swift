// Sums, extremes and places along axes.

import AssayGraph
import AssayOperators
import AssayTensors

/// Operators along axes that become one number, or an order.
enum ReductionOperators {
    /// A reduction whose axes are an attribute before opset `version` and an input since.
    static func reduce(_ function: ReduceFunction, since version: Int = 18) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in
            let x = try call.operand(0)
            var axes = try call.integers("axes", input: 1, since: version)
            if axes?.isEmpty ?? false { axes = nil }
            if axes == nil, try call.flag("noop_with_empty_axes") {
                return [try elementwise(function, call, x)]
            }
            let keeps = try call.flag("keepdims", true)
            if let result = try ofNothing(function, axes, keeps, call, x) { return [result] }
            return [try call.add(Reduce(function, axes: axes, keepDimensions: keeps), x)]
        }
    }

    /// The greatest and smallest element where there is none: the bounds of the type.
    private static func ofNothing(
        _ function: ReduceFunction, _ axes: [Int]?, _ keeps: Bool, _ call: ONNXCall, _ x: ValueID
    ) throws(AssayError) -> ValueID? {
        guard function == .max || function == .min else { return nil }
        let shape = try call.shape(x)
        var reduced: Set<Int> = []
        for axis in axes ?? Array(shape.indices) { reduced.insert(try call.resolve(axis, rank: shape.count)) }
        guard reduced.contains(where: { shape[$0] == 0 }) else { return nil }
        let kept: [ReshapeExtent] = shape.indices.compactMap { axis in
            reduced.contains(axis) ? (keeps ? .fixed(1) : nil) : .copied(axis: axis)
        }
        let type = call.type(x)
        guard type.isFloatingPoint || type == .bool else { throw call.unsupported("nothing has no greatest element") }
        let bound = type == .bool ? (function == .max ? 0.0 : 1) : function == .max ? -.infinity : .infinity
        return try call.add(Fill(shape: kept, value: bound, type: type), x)
    }

    /// A reduction over no axes: what its terms become stays.
    private static func elementwise(
        _ function: ReduceFunction, _ call: ONNXCall, _ x: ValueID
    ) throws(AssayError) -> ValueID {
        switch function {
        case .l1, .l2: try call.add(Unary(.absolute), x)
        case .sumSquares: try call.add(Unary(.square), x)
        case .logSum: try call.add(Unary(.log), x)
        default: try call.add(Identity(), x)
        }
    }

    /// The place of the greatest or smallest element.
    static func place(largest: Bool) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in
            let x = try call.operand(0)
            let rank = try call.shape(x).count
            let axis = try call.resolve(call.integer("axis", 0), rank: rank)
            let operation = ArgReduce(largest: largest, axis: axis, keepDimensions: try call.flag("keepdims", true))
            guard try call.flag("select_last_index") else { return [try call.add(operation, x)] }
            // The last one is the first from the other end.
            let fromEnd = try call.add(operation, call.add(Reverse(axes: [axis]), x))
            let last = try call.extent(x, axis: axis) - 1
            return [try call.add(Binary(.subtract), call.scalar(Double(last), like: fromEnd), fromEnd)]
        }
    }

    /// Running sums.
    static func cumulativeSum(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard let axis = try call.knownIntegers(1)?.first else { throw .unreadable("does not say the axis") }
        let operation = CumulativeSum(
            axis: axis, exclusive: try call.flag("exclusive"), reverse: try call.flag("reverse"))
        return [try call.add(operation, call.operand(0))]
    }

    /// The greatest elements along an axis, or the smallest, and where they stand.
    static func topK(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let rank = try call.shape(x).count
        let axis = try call.resolve(call.integer("axis", -1), rank: rank)
        let given = call.opset < 10 ? try call.attributes.integer("k") : try call.knownIntegers(1)?.first
        guard let count = given else { throw .unreadable("does not say how many") }
        let largest = try call.flag("largest", true)
        guard largest || call.type(x).isFloatingPoint || call.type(x).isInteger else {
            throw call.unsupported("the smallest of booleans")
        }
        var order = Array(0..<rank)
        order.swapAt(axis, rank - 1)
        let isLast = axis == rank - 1
        var source = isLast ? x : try call.add(Transpose(order: order), x)
        // The smallest are the greatest of the opposite numbers.
        if !largest { source = try call.add(Unary(.negate), source) }
        let results = try call.addAll(TopK(count: count), [source])
        var (values, indices) = (results[0], try call.cast(results[1], to: .i64))
        if !largest { values = try call.add(Unary(.negate), values) }
        if !isLast {
            values = try call.add(Transpose(order: order), values)
            indices = try call.add(Transpose(order: order), indices)
        }
        return [values, indices]
    }
}
