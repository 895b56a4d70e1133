// Normalisations.

import AssayGraph
import AssayOperators
import AssayTensors

/// Values brought to mean zero and variance one, or to length one.
enum NormalizationOperators {
    /// By stored means and variances, a channel each.
    static func batch(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        if try call.flag("training_mode") { throw call.unsupported("computes as in training") }
        let operation = BatchNormalization(axis: 1, epsilon: try call.real("epsilon", 1e-5))
        let x = try call.operand(0)
        return [
            try call.add(operation, x, call.operand(1), call.operand(2), call.operand(3), call.operand(4))
        ]
    }

    /// By the mean and variance of each channel of each example.
    static func instance(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let operation = GroupNormalization(
            groups: try call.extent(x, axis: 1), axis: 1, epsilon: try call.real("epsilon", 1e-5))
        return [try call.add(operation, x, call.operand(1), call.operand(2))]
    }

    /// By the mean and variance of each group of channels; γ and β are one a group before opset 21, one a channel since.
    static func group(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        guard let groups = try call.attributes.integer("num_groups"), groups > 0 else {
            throw .unreadable("does not say the groups")
        }
        var (scale, bias) = (try call.operand(1), try call.operand(2))
        if call.opset < 21 {
            let channels = try call.extent(x, axis: 1)
            guard channels % groups == 0 else { throw .unreadable("the channels do not fill the groups") }
            scale = try call.add(Repeat(count: channels / groups, axis: 0), scale)
            bias = try call.add(Repeat(count: channels / groups, axis: 0), bias)
        }
        let operation = GroupNormalization(groups: groups, axis: 1, epsilon: try call.real("epsilon", 1e-5))
        return [try call.add(operation, x, scale, bias)]
    }

    /// By the mean and variance along the last axes; these are results too.
    static func layer(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let rank = try call.shape(x).count
        let axes = Array(try call.resolve(call.integer("axis", -1), rank: rank)..<rank)
        let epsilon = try call.real("epsilon", 1e-5)
        let y = try call.add(
            LayerNormalization(axes: axes, epsilon: epsilon), x, call.operand(1), call.optional(2))
        guard call.hasOutput(1) || call.hasOutput(2) else { return [y] }
        let mean = try call.add(Reduce(.mean, axes: axes, keepDimensions: true), x)
        let variance = try call.add(Reduce(.variance, axes: axes, keepDimensions: true), x)
        let moved = try call.add(Binary(.add), variance, call.scalar(epsilon, like: variance))
        return [y, mean, try call.add(Unary(.rsqrt), moved)]
    }

    /// By the root of the mean square along the last axes.
    static func rootMeanSquare(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let rank = try call.shape(x).count
        let axes = Array(try call.resolve(call.integer("axis", -1), rank: rank)..<rank)
        let operation = RMSNormalization(axes: axes, epsilon: try call.real("epsilon", 1e-5))
        return [try call.add(operation, x, call.operand(1))]
    }

    /// ONNX Runtime's `SkipLayerNormalization`: of a sum.
    static func skipLayer(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard !call.hasOutput(1), !call.hasOutput(2) else { throw call.unsupported("its mean is asked for") }
        var sum = try call.add(Binary(.add), call.operand(0), call.operand(1))
        if let bias = call.optional(4) { sum = try call.add(Binary(.add), sum, bias) }
        let axis = try call.shape(sum).count - 1
        let y = try call.add(
            LayerNormalization(axes: [axis], epsilon: call.real("epsilon", 1e-12)), sum, call.operand(2),
            call.optional(3))
        return call.hasOutput(3) ? [y, sum, sum, sum] : [y]
    }

    /// By the norm along one axis.
    static func length(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let axis = try call.resolve(call.integer("axis", -1), rank: call.shape(x).count)
        let ordinal = try call.integer("p", 2)
        guard ordinal == 1 || ordinal == 2 else {
            throw .unreadable("wrong p", expected: "1 or 2", found: "\(ordinal)")
        }
        let norm = try call.add(Reduce(ordinal == 1 ? .l1 : .l2, axes: [axis], keepDimensions: true), x)
        let isZero = try call.add(Compare(.equal), norm, call.scalar(0, like: norm))
        return [try call.add(Binary(.divide), x, call.add(Where(), isZero, call.scalar(1, like: norm), norm))]
    }

    /// By the mean and variance over some axes, nothing added to the variance but 10⁻⁹ to its root.
    static func meanVariance(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let axes = try call.attributes.integers("axes") ?? [0, 2, 3]
        let centred = try call.add(
            Binary(.subtract), x, call.add(Reduce(.mean, axes: axes, keepDimensions: true), x))
        let deviation = try call.add(Reduce(.standardDeviation, axes: axes, keepDimensions: true), x)
        return [
            try call.add(
                Binary(.divide), centred, call.add(Binary(.add), deviation, call.scalar(1e-9, like: deviation)))
        ]
    }
}
