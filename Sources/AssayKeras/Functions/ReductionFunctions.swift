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
