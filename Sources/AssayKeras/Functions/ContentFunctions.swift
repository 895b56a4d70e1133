// Functions that select, pad, convert or make elements.

import AssayGraph
import AssayOperators
import AssayTensors

/// Elements of another type.
struct CastFunction: KerasFunction {
    static let names = ["Cast", "tf.cast"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", at: 0)
        guard let type = try call.elementType("dtype", at: 1) else {
            throw call.call.configuration.invalid("dtype", expected: "an element type")
        }
        return [try call.call.add(Cast(type), x)]
    }
}

/// One of two values by a condition.
struct SelectionFunction: KerasFunction {
    static let names = ["Where", "tf.where"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let condition = try call.operand("condition", at: 0)
        let like = call.call.arguments.tensors.last
        let first = try call.operand("x1", "x", at: 1, like: like)
        let second = try call.operand("x2", "y", at: 2, like: first)
        return [try call.call.add(Where(), condition, first, second)]
    }
}

/// Parts of axes by their numbers.
struct GatherFunction: KerasFunction {
    static let names = ["Take", "tf.compat.v1.gather", "tf.gather"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        var x = try call.operand("x", "params", at: 0)
        let indices = try call.operand("indices", at: 1)
        guard try call.integer("batch_dims", default: 0) == 0 else {
            throw call.call.configuration.notRunnable("gathers batch by batch")
        }
        let axis = try call.integers("axis", at: 2)
        // Without an axis NumPy takes from the flat elements, TensorFlow along the first axis.
        if axis == nil, call.call.generation == .keras3 { x = try call.call.add(Reshape([.inferred]), x) }
        return [try call.call.add(Gather(axis: axis?.first ?? 0), x, indices)]
    }
}

/// More elements around.
struct PadFunction: KerasFunction {
    static let names = ["Pad", "tf.compat.v1.pad", "tf.pad"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "tensor", at: 0)
        let rank = try call.call.shape(of: x).count
        let modes: [String: PadMode] = ["constant": .constant, "reflect": .reflect, "symmetric": .symmetric]
        guard let mode = modes[call.attribute("mode")?.string?.lowercased() ?? "constant"] else {
            throw call.call.configuration.invalid("mode", expected: "constant, reflect or symmetric")
        }
        let value = try call.number("constant_values") ?? 0
        return [try call.call.add(Pad(amounts: amounts(call, rank), mode: mode, value: value), x)]
    }

    private func amounts(_ call: FunctionCall, _ rank: Int) throws(AssayError) -> [[Int]] {
        let given = call.attribute("pad_width", "paddings", at: 1).map(FunctionCall.plain)
        if let all = given?.integer { return Array(repeating: [all, all], count: rank) }
        let pairs = (given?.array ?? []).map { ($0.array ?? []).compactMap(\.integer) }
        guard pairs.allSatisfy({ $0.count == 2 }), pairs.count == rank || pairs.count == 1 else {
            throw call.call.configuration.unsupported("needs a pair of paddings for each of \(rank) axes")
        }
        return pairs.count == rank ? pairs : Array(repeating: pairs[0], count: rank)
    }
}

/// Zeros or ones of another tensor's shape.
struct LikeFunction: KerasFunction {
    static let names = ["OnesLike", "ZerosLike", "tf.ones_like", "tf.zeros_like"]

    private let value: Double

    init(name: String) { value = ["OnesLike", "tf.ones_like"].contains(name) ? 1 : 0 }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "input", at: 0)
        let type = try call.elementType("dtype", at: 1) ?? call.call.fact(of: x).type
        let shape = try call.call.shape(of: x).indices.map { ReshapeExtent.copied(axis: $0) }
        return [try call.call.add(Fill(shape: shape, value: value, type: type), x)]
    }
}

/// Elements kept within bounds.
struct ClipFunction: KerasFunction {
    static let names = ["Clip", "tf.clip_by_value"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "t", at: 0)
        let minimum = try call.number("x_min", "clip_value_min", at: 1)
        let maximum = try call.number("x_max", "clip_value_max", at: 2)
        return [try call.call.add(Clip(minimum: minimum, maximum: maximum), x)]
    }
}

/// Classes as vectors with a one.
struct OneHotFunction: KerasFunction {
    static let names = ["OneHot", "tf.one_hot"]

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "indices", at: 0)
        guard let depth = try call.integers("num_classes", "depth", at: 1)?.first, depth > 0 else {
            throw call.call.configuration.unsupported("needs a number of classes")
        }
        let operation = OneHot(
            depth: depth, axis: try call.integer("axis", default: -1), on: try call.number("on_value") ?? 1,
            off: try call.number("off_value") ?? 0)
        return [try call.call.add(operation, x)]
    }
}

/// A triangle of matrices.
struct TriangleFunction: KerasFunction {
    static let names = ["Tril", "Triu", "tf.linalg.band_part"]

    private let name: String

    init(name: String) { self.name = name }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "input", at: 0)
        let diagonal = try call.integer("k", default: 0)
        let band: BandPart
        switch name {
        case "Tril" where diagonal >= 0: band = BandPart(lower: -1, upper: diagonal)
        case "Triu" where diagonal <= 0: band = BandPart(lower: -diagonal, upper: -1)
        // Beyond the main diagonal: the triangle without the other one.
        case "Tril", "Triu":
            let other =
                name == "Tril" ? BandPart(lower: -diagonal - 1, upper: -1) : BandPart(lower: -1, upper: diagonal - 1)
            return [try call.call.add(Binary(.subtract), x, call.call.add(other, x))]
        default:
            band = BandPart(
                lower: try call.integer("num_lower", at: 1, default: -1),
                upper: try call.integer("num_upper", at: 2, default: -1))
        }
        return [try call.call.add(band, x)]
    }
}
