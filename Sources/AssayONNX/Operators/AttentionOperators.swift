// Attention over heads and rotated features, which ONNX has since opset 23.

import AssayGraph
import AssayOperators
import AssayTensors

/// Attention and the rotation of its queries and keys.
enum AttentionOperators {
    /// Scaled dot-product attention, with the keys and values of earlier steps in front where they are given. Results: the
    /// output, all keys, all values, and the scores as far as `qk_matmul_output_mode` says.
    static func attention(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let attention = try HeadAttention(call)
        let results = try call.addAll(attention.operation, attention.operands)
        guard results.count == 2 else { throw call.unsupported("its result is not known") }
        var outputs = [try attention.laidOut(results[0])]
        guard call.outputs.count > 1 else { return outputs }
        outputs.append(try call.add(Transpose(order: [0, 2, 1, 3]), attention.key))
        outputs.append(try call.add(Transpose(order: [0, 2, 1, 3]), attention.value))
        if call.hasOutput(3) {
            outputs.append(try attention.scores(call.integer("qk_matmul_output_mode", 0), probabilities: results[1]))
        }
        return outputs
    }

    /// Pairs of features turned by angles whose cosines and sines are given, for each position or by their numbers.
    static func rotary(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let isSplit = try call.shape(x).count == 4
        let heads = try HeadAttention.heads(x, call.attributes.integer("num_heads"), call)
        let width = try call.extent(heads, axis: 3)
        let given = try call.integer("rotary_embedding_dim", 0)
        let rotated = given == 0 ? width : given
        guard rotated > 0, rotated <= width, rotated % 2 == 0 else {
            throw .unreadable(
                "wrong number of rotated features", expected: "an even one to \(width)", found: "\(rotated)")
        }
        let angles = try [1, 2].map { (index) throws(AssayError) in
            let cache = try call.operand(index)
            let chosen = try call.optional(3).map { (positions) throws(AssayError) in
                try call.add(Gather(axis: 0), cache, positions)
            }
            return try call.add(ExpandDims(axes: [2]), chosen ?? cache)
        }
        let isInterleaved = try call.flag("interleaved")
        let first = isInterleaved ? part(0, rotated, 2) : part(0, rotated / 2, 1)
        let second = isInterleaved ? part(1, rotated, 2) : part(rotated / 2, rotated, 1)
        let turned = try turn(call.add(first, heads), call.add(second, heads), angles[0], angles[1], call)
        var features: ValueID
        if isInterleaved {
            features = try call.addAll(Stack(axis: 4), turned)[0]
            features = try call.add(
                Reshape([.copied(axis: 0), .copied(axis: 1), .copied(axis: 2), .product(of: 3..<5)]), features)
        } else {
            features = try call.addAll(Concatenate(axis: 3), turned)[0]
        }
        if rotated < width {
            let rest = try call.add(part(rotated, width, 1), heads)
            features = try call.addAll(Concatenate(axis: 3), [features, rest])[0]
        }
        return [try HeadAttention.laidOut(features, isSplit: isSplit, call)]
    }

    /// Some of the features.
    private static func part(_ start: Int, _ stop: Int, _ step: Int) -> Slice {
        Slice(axes: [3], starts: [start], stops: [stop], steps: [step])
    }

    /// (a · cos − b · sin, a · sin + b · cos).
    private static func turn(
        _ a: ValueID, _ b: ValueID, _ cosine: ValueID, _ sine: ValueID, _ call: ONNXCall
    ) throws(AssayError) -> [ValueID] {
        [
            try call.add(
                Binary(.subtract), call.add(Binary(.multiply), a, cosine), call.add(Binary(.multiply), b, sine)),
            try call.add(Binary(.add), call.add(Binary(.multiply), a, sine), call.add(Binary(.multiply), b, cosine)),
        ]
    }
}

/// A node of attention: its operands steps first, as the graph's operator takes them, and what hides keys from queries.
private struct HeadAttention {
    let call: ONNXCall
    /// Whether the operands have an axis of heads, in front of the steps.
    let isSplit: Bool
    let query: ValueID
    /// With those of earlier steps.
    let key: ValueID
    let value: ValueID
    /// True where a query attends to a key, beside what the operation's attributes hide.
    private var mask: ValueID?
    private var bias: ValueID?
    private(set) var operation: Attention

    var operands: [ValueID?] { [query, key, value, mask, bias] }

    init(_ call: ONNXCall) throws(AssayError) {
        self.call = call
        let x = try call.operand(0)
        isSplit = try call.shape(x).count == 4
        query = try HeadAttention.heads(x, call.attributes.integer("q_num_heads"), call)
        let keyHeads = try call.attributes.integer("kv_num_heads")
        key = try HeadAttention.joined(call.optional(4), HeadAttention.heads(call.operand(1), keyHeads, call), call)
        value = try HeadAttention.joined(call.optional(5), HeadAttention.heads(call.operand(2), keyHeads, call), call)
        let width = try call.extent(query, axis: 3)
        let softCap = try call.real("softcap", 0)
        operation = Attention(
            scale: try call.attributes.real("scale") ?? 1 / Double(max(width, 1)).squareRoot(),
            softCap: softCap > 0 ? softCap : nil, zeroesHiddenRows: true)
        try addMask()
        try addPositions()
    }

    // MARK: Layout

    /// `[batch, steps, heads, width]` of a value of ONNX's layout: `[batch, heads, steps, width]`, or all heads' features on
    /// one axis.
    static func heads(_ x: ValueID, _ count: Int?, _ call: ONNXCall) throws(AssayError) -> ValueID {
        let rank = try call.shape(x).count
        if rank == 4 { return try call.add(Transpose(order: [0, 2, 1, 3]), x) }
        guard rank == 3, let count, count > 0 else { throw .unreadable("does not say the number of heads") }
        return try call.add(Reshape([.copied(axis: 0), .copied(axis: 1), .fixed(count), .inferred]), x)
    }

    /// Back to ONNX's layout.
    static func laidOut(_ x: ValueID, isSplit: Bool, _ call: ONNXCall) throws(AssayError) -> ValueID {
        isSplit
            ? try call.add(Transpose(order: [0, 2, 1, 3]), x)
            : try call.add(Reshape([.copied(axis: 0), .copied(axis: 1), .product(of: 2..<4)]), x)
    }

    func laidOut(_ x: ValueID) throws(AssayError) -> ValueID {
        try HeadAttention.laidOut(x, isSplit: isSplit, call)
    }

    /// Earlier steps, `[batch, heads, steps, width]`, and then these.
    private static func joined(_ past: ValueID?, _ x: ValueID, _ call: ONNXCall) throws(AssayError) -> ValueID {
        guard let past else { return x }
        return try call.addAll(Concatenate(axis: 1), [call.add(Transpose(order: [0, 2, 1, 3]), past), x])[0]
    }

    // MARK: Hidden keys

    /// What `attn_mask` says: whether a query attends to a key, or what is added to its score. Keys behind its end are hidden.
    private mutating func addMask() throws(AssayError) {
        guard var given = call.optional(3) else { return }
        let shape = try call.shape(given)
        let isBoolean = call.type(given) == .bool
        if let length = shape.last?.value, length > 1, let source = try call.shape(key)[1].value, length < source {
            var amounts = [[Int]](repeating: [0, 0], count: shape.count)
            amounts[shape.count - 1][1] = source - length
            given = try call.add(Pad(amounts: amounts, mode: .constant, value: isBoolean ? 0 : -.infinity), given)
        }
        if isBoolean { mask = given } else { bias = given }
    }

    /// What the positions hide: keys that come after the query, or lie outside its window, or are none. The first query stands
    /// behind the earlier steps, or so that the last one stands at the end of the keys that count.
    private mutating func addPositions() throws(AssayError) {
        let isCausal = try call.flag("is_causal")
        let (left, right) = (try call.integer("left_window_size", -1), try call.integer("right_window_size", -1))
        let counted = try call.optional(6).map { (lengths) throws(AssayError) in
            try call.add(Reshape([.inferred, .fixed(1), .fixed(1), .fixed(1)]), call.cast(lengths, to: .i64))
        }
        guard call.optional(4) != nil || counted != nil || left >= 0 || right >= 0 else {
            operation.isCausal = isCausal
            return
        }
        if let counted { try hide(unless: call.add(Compare(.less), positions(of: key), counted)) }
        let distance = try distances(counted)
        if isCausal { try hide(unless: call.add(Compare(.greaterEqual), distance, integer(0))) }
        if left >= 0 { try hide(unless: call.add(Compare(.lessEqual), distance, integer(left))) }
        if right >= 0 { try hide(unless: call.add(Compare(.greaterEqual), distance, integer(-right))) }
    }

    /// How many positions each query, a row, stands behind each key, where only `counted` of the keys are keys.
    private func distances(_ counted: ValueID?) throws(AssayError) -> ValueID {
        var rows = try call.add(ExpandDims(axes: [1]), positions(of: query))
        if let past = call.optional(4) {
            rows = try call.add(Binary(.add), rows, length(past, 2))
        } else if let counted {
            rows = try call.add(Binary(.add), rows, call.add(Binary(.subtract), counted, length(query, 1)))
        }
        return try call.add(Binary(.subtract), rows, positions(of: key))
    }

    /// The numbers of the steps of `[batch, steps, heads, width]`, from 0 on.
    private func positions(of x: ValueID) throws(AssayError) -> ValueID {
        try call.add(NumberRange(), integer(0), length(x, 1), integer(1))
    }

    private mutating func hide(unless visible: ValueID) throws(AssayError) {
        mask = try mask.map { (mask) throws(AssayError) in try call.add(Logical(.and), mask, visible) } ?? visible
    }

    private func integer(_ number: Int) -> ValueID { call.constant(Tensor([Int64(number)], shape: [])) }

    /// An extent as a value.
    private func length(_ x: ValueID, _ axis: Int) throws(AssayError) -> ValueID {
        try call.add(Gather(axis: 0), call.add(ShapeOf(), x), integer(axis))
    }

    // MARK: Scores

    /// The scores as they are after some of the steps: the products (0), squashed (1), with what hides keys (2), and the
    /// probabilities (3).
    func scores(_ mode: Int, probabilities: ValueID) throws(AssayError) -> ValueID {
        if mode == 3 { return probabilities }
        guard (0...2).contains(mode) else { throw .unreadable("unknown mode of the scores", found: "\(mode)") }
        var keys = key
        let (heads, keyHeads) = (try call.extent(query, axis: 2), try call.extent(key, axis: 2))
        if heads != keyHeads, keyHeads > 0 { keys = try call.add(Repeat(count: heads / keyHeads, axis: 2), keys) }
        var scores = try call.add(
            MatMul(transposeB: true), call.add(Transpose(order: [0, 2, 1, 3]), query),
            call.add(Transpose(order: [0, 2, 1, 3]), keys))
        scores = try call.add(Binary(.multiply), scores, call.scalar(operation.scale, like: scores))
        if mode == 0 { return scores }
        if let softCap = operation.softCap {
            let cap = try call.scalar(softCap, like: scores)
            scores = try call.add(
                Binary(.multiply), call.add(Activation(.tanh), call.add(Binary(.divide), scores, cap)), cap)
        }
        if mode == 1 { return scores }
        if let bias { scores = try call.add(Binary(.add), scores, bias) }
        let hidden = try call.scalar(-.infinity, like: scores)
        if let mask { scores = try call.add(Where(), mask, scores, hidden) }
        guard operation.isCausal else { return scores }
        // The operation itself hides later keys only where nothing else shifts the queries.
        let visible = try call.add(Compare(.greaterEqual), distances(nil), integer(0))
        return try call.add(Where(), visible, scores, hidden)
    }
}
