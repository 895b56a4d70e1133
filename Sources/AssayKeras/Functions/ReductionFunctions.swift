// Reductions: sums, means, extremes, over some axes or all.

import AssayGraph
import AssayOperators
import AssayTensors

/// A reduction.
struct ReductionFunction: KerasFunction {
    private static let table: [String: ReduceFunction] = [
        "All": .all, "Any": .any, "Logsumexp": .logSumExp, "Max": .max, "Mean": .mean, "Min": .min, "Prod": .product,
        "Std": .standardDeviation, "Sum": .sum, "Var": .variance,
        "tf.math.reduce_all": .all, "tf.math.reduce_any": .any, "tf.math.reduce_logsumexp": .logSumExp,
        "tf.math.reduce_max": .max, "tf.math.reduce_mean": .mean, "tf.math.reduce_min": .min,
        "tf.math.reduce_prod": .product, "tf.math.reduce_std": .standardDeviation, "tf.math.reduce_sum": .sum,
        "tf.math.reduce_variance": .variance, "tf.reduce_max": .max, "tf.reduce_mean": .mean, "tf.reduce_sum": .sum,
    ]

    static let names = table.keys.sorted()
    private let function: ReduceFunction

    init(name: String) { function = ReductionFunction.table[name] ?? .sum }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "a", "input_tensor", at: 0)
        let axes = try call.integers("axis", at: 1)
        let keeps = try call.boolean("keepdims", "keep_dims", at: 2, default: false)
        return [try call.call.add(Reduce(function, axes: axes, keepDimensions: keeps), x)]
    }
}

/// Where the greatest or smallest element of each line stands.
struct ArgumentFunction: KerasFunction {
    static let names = ["Argmax", "Argmin", "tf.math.argmax", "tf.math.argmin"]

    private let largest: Bool

    init(name: String) { largest = name.lowercased().hasSuffix("argmax") }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "input", at: 0)
        let axis = try call.integers("axis", at: 1)?.first
        let keeps = try call.boolean("keepdims", default: false)
        // TensorFlow takes the first axis where none is named, NumPy all elements.
        if axis == nil, call.call.generation == .keras3 {
            return [try call.call.add(ArgReduce(largest: largest, axis: 0), call.call.add(Reshape([.inferred]), x))]
        }
        return [try call.call.add(ArgReduce(largest: largest, axis: axis ?? 0, keepDimensions: keeps), x)]
    }
}

/// Sums of all elements so far.
struct CumulativeFunction: KerasFunction {
    static let names = ["Cumsum", "tf.math.cumsum"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        var x = try call.operand("x", at: 0)
        let axis = try call.integers("axis", at: 1)?.first
        if axis == nil, call.call.generation == .keras3 { x = try call.call.add(Reshape([.inferred]), x) }
        let operation = CumulativeSum(
            axis: axis ?? 0, exclusive: try call.boolean("exclusive", default: false),
            reverse: try call.boolean("reverse", default: false))
        return [try call.call.add(operation, x)]
    }
}

/// The greatest elements and where they stand.
struct TopFunction: KerasFunction {
    static let names = ["TopK", "tf.math.top_k"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "input", at: 0)
        return try call.call.addAll(TopK(count: call.integer("k", at: 1, default: 1)), [x])
    }
}

/// The elements of each line in order, the smallest first.
struct SortFunction: KerasFunction {
    static let names = ["Sort"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", at: 0)
        let rank = try call.call.shape(of: x).count
        let axis = try call.call.resolved(axis: call.integer("axis", at: 1, default: -1), rank: rank)
        guard axis == rank - 1, let width = call.call.width(of: x).value else {
            throw call.call.configuration.notRunnable(
                "sorts along another axis than the last, or one of unknown extent")
        }
        let descending = try call.call.addAll(TopK(count: width), [x])
        return [try call.call.add(Reverse(axes: [-1]), descending.first)]
    }
}

/// Lines of unit norm.
struct NormalizeFunction: KerasFunction {
    static let names = ["Normalize", "tf.math.l2_normalize"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", at: 0)
        let axes: [Int]
        if let given = try call.integers("axis", at: 1) {
            axes = given
        } else {
            axes = call.call.generation == .keras3 ? [-1] : Array(try call.call.shape(of: x).indices)
        }
        // Keras's smallest divisor is the machine's; the Euclidean one stands under the root.
        let order = try call.integer("order", default: 2)
        let given = try call.number("epsilon", at: 2)
        let epsilon = call.call.generation == .keras3 ? given ?? 1e-7 : given ?? 1e-12
        return [
            try call.call.add(
                UnitNormalization(
                    axes: axes, epsilon: call.call.generation == .keras3 && order == 2 ? epsilon * epsilon : epsilon,
                    ordinal: order), x)
        ]
    }
}
