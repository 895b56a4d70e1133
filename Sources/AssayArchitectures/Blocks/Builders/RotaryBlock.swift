// Rotary positions, with the frequencies that a configuration describes.

import AssayGraph
import AssayOperators
import AssayTensors

/// A projection `[batch, sequence, heads * width]` with its pairs of features turned: `[batch, sequence, heads, width]`.
enum RotaryBlock: BlockBuilder {
    static let name = "rotary"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let x = try AttentionBlock.split(try call.operand(0), try call.count("heads"), call)
        let scaling = RotaryScaling(
            base: try call.number("base"), width: try call.count("rotated"),
            trainedLength: try call.count("trained_length"),
            originalLength: try call.option("original_length") == nil ? nil : call.count("original_length"))
        let rotation = try scaling.rotation(try call.option("scaling"), isInterleaved: try call.flag("interleaved"))
        return [try call.add(rotation, x)]
    }
}
