// Rows of a table by their numbers.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = table[ids], times a factor where one is given.
enum EmbeddingBlock: BlockBuilder {
    static let name = "embedding"

    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID] {
        let rows = try call.add(Embedding(), call.operand(0), call.parameter("table"))
        guard try call.option("scale") != nil else { return [rows] }
        return [try call.add(Binary(.multiply), rows, call.scalar(call.number("scale"), like: rows))]
    }
}
