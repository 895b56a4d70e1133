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
