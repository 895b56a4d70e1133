// Functions that move elements or change the shape: reshape, flatten, transpose, expand, squeeze, concatenate.

import AssayGraph
import AssayOperators
import AssayTensors

/// The same elements under another shape.
struct ReshapeFunction: KerasFunction {
    static let names = ["Reshape", "tf.reshape"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "tensor", at: 0)
        guard let shape = try call.integers("newshape", "shape", at: 1) else {
            return [try call.call.add(Reshape([]), x, call.operand("shape", at: 1))]
        }
        // The batch is what stays where it stood: written as a number only where its extent was known.
        return [try call.call.add(Reshape(shape.map { $0 == -1 ? .inferred : .fixed($0) }), x)]
    }
}

/// All elements in one axis.
struct FlattenFunction: KerasFunction {
    static let names = ["Ravel"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        [try call.call.add(Reshape([.inferred]), call.operand("x", at: 0))]
    }
}

/// Axes in another order: all of them, two swapped, or some moved.
struct TransposeFunction: KerasFunction {
    static let names = ["Moveaxis", "Swapaxes", "Transpose", "tf.compat.v1.transpose", "tf.transpose"]

    private let name: String

    init(name: String) { self.name = name }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "a", at: 0)
        let rank = try call.call.shape(of: x).count
        return [try call.call.add(Transpose(order: order(call, rank)), x)]
    }

    private func order(_ call: FunctionCall, _ rank: Int) throws(AssayError) -> [Int] {
        switch name {
        case "Swapaxes":
            var order = Array(0..<rank)
            let first = try call.call.resolved(axis: call.integer("axis1", at: 1, default: 0), rank: rank)
            let second = try call.call.resolved(axis: call.integer("axis2", at: 2, default: 1), rank: rank)
            order.swapAt(first, second)
            return order
        case "Moveaxis":
            return try moved(
                from: call.integers("source", at: 1) ?? [], to: call.integers("destination", at: 2) ?? [], rank, call)
        default:
            guard let axes = try call.integers("axes", "perm", at: 1) else { return Array((0..<rank).reversed()) }
            var order: [Int] = []
            for axis in axes { order.append(try call.call.resolved(axis: axis, rank: rank)) }
            return order
        }
    }

    private func moved(from sources: [Int], to targets: [Int], _ rank: Int, _ call: FunctionCall) throws(AssayError)
        -> [Int]
    {
        guard sources.count == targets.count else {
            throw call.call.configuration.unsupported("moves axes to too few places")
        }
        var from: [Int] = []
        var places: [Int: Int] = [:]
        for (source, target) in zip(sources, targets) {
            let axis = try call.call.resolved(axis: source, rank: rank)
            from.append(axis)
            places[try call.call.resolved(axis: target, rank: rank)] = axis
        }
        var rest = (0..<rank).filter { !from.contains($0) }[...]
        return (0..<rank).compactMap { places[$0] ?? rest.popFirst() }
    }
}

/// New axes of extent one.
struct ExpandDimensionsFunction: KerasFunction {
    static let names = ["ExpandDims", "tf.compat.v1.expand_dims", "tf.expand_dims"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "input", at: 0)
        return [try call.call.add(ExpandDims(axes: call.integers("axis", at: 1) ?? [0]), x)]
    }
}

/// Axes of extent one taken away: those named, or all.
struct SqueezeFunction: KerasFunction {
    static let names = ["Squeeze", "tf.compat.v1.squeeze", "tf.squeeze"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "input", at: 0)
        return [try call.call.add(Squeeze(axes: call.integers("axis", at: 1) ?? []), x)]
    }
}

/// Several tensors joined along an axis.
struct ConcatenateFunction: KerasFunction {
    static let names = ["Concatenate", "tf.concat"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let axis = try call.integer("axis", at: 1, default: -1)
        return try call.call.addAll(Concatenate(axis: axis), call.list())
    }
}

/// Several tensors along a new axis.
struct StackFunction: KerasFunction {
    static let names = ["Stack", "tf.stack"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        try call.call.addAll(Stack(axis: call.integer("axis", at: 1, default: 0)), call.list())
    }
}

/// A tensor cut into parts along an axis.
struct SplitFunction: KerasFunction {
    static let names = ["Split", "tf.split"]

    private let isTensorFlow: Bool

    init(name: String) { isTensorFlow = name == "tf.split" }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "value", at: 0)
        let shape = try call.call.shape(of: x)
        let axis = try call.call.resolved(axis: call.integer("axis", at: 2, default: 0), rank: shape.count)
        guard let extent = shape[axis].value,
            let given = call.attribute("indices_or_sections", "num_or_size_splits", at: 1)
        else { throw call.call.configuration.notRunnable("splits an axis of unknown extent") }
        return try call.call.addAll(Split(axis: axis, sizes: sizes(given, extent, call)), [x])
    }

    /// The sizes of the parts: equal ones, or by the bounds that NumPy gives or the sizes that TensorFlow gives.
    private func sizes(_ given: JSON, _ extent: Int, _ call: FunctionCall) throws(AssayError) -> [Int] {
        if let count = given.integer {
            guard count > 0, extent % count == 0, count <= extent else {
                throw call.call.configuration.unsupported("cannot split \(extent) into \(count) equal parts")
            }
            return Array(repeating: extent / count, count: count)
        }
        var sizes = (FunctionCall.plain(given).array ?? []).compactMap(\.integer)
        if !isTensorFlow { sizes = zip(sizes + [extent], [0] + sizes).map { $0 - $1 } }
        if let open = sizes.firstIndex(of: -1) { sizes[open] = extent - sizes.filter { $0 != -1 }.reduce(0, +) }
        guard sizes.allSatisfy({ (0...extent).contains($0) }) else {
            throw call.call.configuration.unsupported("cannot split \(extent) into \(sizes)")
        }
        return sizes
    }
}

/// A tensor several times along its axes.
struct TileFunction: KerasFunction {
    static let names = ["Tile", "tf.tile"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "input", at: 0)
        let rank = try call.call.shape(of: x).count
        guard let repeats = try call.integers("repeats", "multiples", at: 1), repeats.count <= rank else {
            throw call.call.configuration.unsupported("needs a number of repeats for each axis")
        }
        return [try call.call.add(Tile(repeats: Array(repeating: 1, count: rank - repeats.count) + repeats), x)]
    }
}

/// Each element several times.
struct RepeatFunction: KerasFunction {
    static let names = ["Repeat", "tf.repeat"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        var x = try call.operand("x", "input", at: 0)
        guard let repeats = try call.integers("repeats", at: 1), repeats.count == 1 else {
            throw call.call.configuration.notRunnable("repeats each element another number of times")
        }
        let axis = try call.integers("axis", at: 2)
        if axis == nil { x = try call.call.add(Reshape([.inferred]), x) }
        return [try call.call.add(Repeat(count: repeats[0], axis: axis?.first ?? 0), x)]
    }
}

/// A tensor stretched to a shape.
struct BroadcastFunction: KerasFunction {
    static let names = ["BroadcastTo", "tf.broadcast_to"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "input", at: 0)
        guard let shape = try call.integers("shape", at: 1) else {
            return [try call.call.add(BroadcastTo(shape: []), x, call.operand("shape", at: 1))]
        }
        return [try call.call.add(BroadcastTo(shape: shape.map { $0 == -1 ? .inferred : .fixed($0) }), x)]
    }
}

/// Axes in the opposite direction.
struct FlipFunction: KerasFunction {
    static let names = ["Flip", "tf.reverse"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "tensor", at: 0)
        let axes: [Int] =
            if let axes = try call.integers("axis", at: 1) { axes } else { Array(try call.call.shape(of: x).indices) }
        return [try call.call.add(Reverse(axes: axes), x)]
    }
}

/// Elements moved along an axis, those that leave coming in at the other end.
struct RollFunction: KerasFunction {
    static let names = ["Roll", "tf.roll"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "input", at: 0)
        guard let shifts = try call.integers("shift", at: 1), let axes = try call.integers("axis", at: 2),
            shifts.count == axes.count
        else { throw call.call.configuration.unsupported("needs a shift for each axis") }
        var y = x
        for (shift, axis) in zip(shifts, axes) { y = try call.call.add(Roll(shift: shift, axis: axis), y) }
        return [y]
    }
}

/// The extents of a tensor, as integers.
struct ShapeFunction: KerasFunction {
    static let names = ["tf.compat.v1.shape", "tf.shape"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        [try call.call.add(ShapeOf(), call.operand("input", at: 0))]
    }
}

/// Equally spaced numbers.
struct RangeFunction: KerasFunction {
    static let names = ["Arange", "tf.range"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let start = try call.operand("start", at: 0)
        let delta = try call.optionalOperand("delta", "step", at: 2)
        let step: ValueID = if let delta { delta } else { call.call.scalar(1, like: start) }
        // With one bound alone it is the upper one.
        guard let limit = try call.optionalOperand("limit", "stop", at: 1) else {
            return [try call.call.add(NumberRange(), call.call.scalar(0, like: start), start, step)]
        }
        return [try call.call.add(NumberRange(), start, limit, step)]
    }
}
