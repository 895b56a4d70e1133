// Biases of scores by the distance between query and key, as T5 learns them, and positions as sines and cosines.

import AssayGraph
import AssayOperators
import AssayTensors

/// The bucket of the distance between each two tokens of the operand `[batch, sequence]`: `[sequence, sequence]`.
enum RelativeBucketsBlock: BlockBuilder {
    static let name = "relative_buckets"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let places = try call.places(in: call.operand(0))
        let buckets = RelativePositionBuckets(
            bucketCount: try call.count("buckets"), maximumDistance: try call.count("max_distance"),
            isBidirectional: try call.flag("bidirectional"))
        return [try call.add(buckets, places, places)]
    }
}

/// Numbers `[target, source, heads]` as a bias of scores: `[1, heads, target, source]`.
enum HeadBiasBlock: BlockBuilder {
    static let name = "head_bias"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let byHead = try call.add(Transpose(order: [2, 0, 1]), call.operand(0))
        return [try call.add(ExpandDims(axes: [0]), byHead)]
    }
}

/// Sines and cosines of positions `[1, sequence]`: `[1, sequence, width]`.
enum SinusoidsBlock: BlockBuilder {
    static let name = "sinusoids"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let operation = SinusoidalPositions(
            width: try call.count("size"), isInterleaved: try call.flag("interleaved"))
        return [try call.add(operation, call.operand(0))]
    }
}
