// Attention: scaled dot products over heads, with masks, biases and grouped queries.

import AssayGraph
import AssayTensors
import Glibc

/// Scaled dot-product attention over heads (Vaswani et al. 2017).
///
/// Operands: query `[batch, target, heads, width]`, key `[batch, source, keyHeads, width]`, value
/// `[batch, source, keyHeads, valueWidth]`, mask (bool, true where a query attends to a key) or none, bias or none, both
/// broadcastable to `[batch, heads, target, source]`. Head h uses key head `h / (heads / keyHeads)`.
/// Results: output `[batch, target, heads, valueWidth]`, probabilities `[batch, heads, target, source]`.
///
/// A hidden score is replaced by −10⁹ before softmax, so a query that may see no key at all attends to every key equally,
/// as the frameworks' Float arithmetic makes it; with `zeroesHiddenRows` it attends to none, and gathers zeros.
public struct Attention: Operator {
    /// The name in the JSON form.
    public static let name = "Attention"
    /// The formula.
    public static let formula = """
        p[i, j] = softmaxⱼ(cap(scale · Σ q[i] · k[j]) + bias[i, j], or −10⁹ where hidden); y[i] = Σⱼ p[i, j] · v[j]; \
        cap(x) = softCap · tanh(x / softCap)
        """
    /// What takes the place of a hidden score.
    static let hiddenScore = -1e9

    /// The factor of the products, 1 / √width unless the model says otherwise.
    public var scale: Double
    /// Whether query i sees only keys j ≤ i.
    public var isCausal: Bool
    /// The bound that scaled products are squashed into.
    public var softCap: Double?
    /// How far a query sees: only keys with |i − j| < window.
    public var window: Int?
    /// Whether a query from which every key is hidden has probabilities of zero.
    public var zeroesHiddenRows: Bool
    /// Whether a key that both the mask and the attributes hide is hidden twice over, by −2 · 10⁹, as in models that add one
    /// mask to scores that another one has replaced: a query from which every key is hidden attends to those hidden once.
    public var addsMasks: Bool

    /// Attention with every key visible unless something else is said.
    public init(
        scale: Double, isCausal: Bool = false, softCap: Double? = nil, window: Int? = nil,
        zeroesHiddenRows: Bool = false, addsMasks: Bool = false
    ) {
        self.scale = scale
        self.isCausal = isCausal
        self.softCap = softCap
        self.window = window
        self.zeroesHiddenRows = zeroesHiddenRows
        self.addsMasks = addsMasks
    }

    /// Sums over the width and over the keys.
    public var exactness: Exactness { .accumulating }

    /// The query's shape with the value's width, and the shape of the probabilities.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let query = try requireReal(operands, 0, "the query")
        let key = try requireReal(operands, 1, "the key")
        let value = try requireReal(operands, 2, "the value")
        guard let q = query.shape, let k = key.shape, let v = value.shape else {
            return [Fact(query.type, nil), Fact(query.type, nil)]
        }
        guard q.count == 4 else { throw mismatch("wrong query", expected: "four axes", found: q.text) }
        guard k.count == 4, k[0].isCompatible(with: q[0]), k[3].isCompatible(with: q[3]) else {
            throw mismatch("wrong key", expected: "[\(q[0]), source, heads, \(q[3])]", found: k.text)
        }
        guard v.count == 4, zip(v, k).prefix(3).allSatisfy({ $0.isCompatible(with: $1) }) else {
            throw mismatch("wrong value", expected: "[\(k[0]), \(k[1]), \(k[2]), width]", found: v.text)
        }
        if let heads = q[2].value, let keyHeads = k[2].value {
            guard keyHeads > 0, heads % keyHeads == 0 else {
                throw mismatch("wrong number of key heads", expected: "a divisor of \(heads)", found: "\(keyHeads)")
            }
        }
        if let window, window < 1 { throw mismatch("wrong window", expected: "at least 1", found: "\(window)") }
        let scores = [q[0], q[2], q[1], k[1]]
        try checkBroadcast(operands, 3, "mask", to: scores, type: .bool)
        try checkBroadcast(operands, 4, "bias", to: scores)
        return [Fact(query.type, [q[0], q[1], q[2], v[3]]), Fact(query.type, scores)]
    }

    /// Those of the products with keys and values.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        guard operands.count > 2, let q = operands[0], let k = operands[1], let v = operands[2], q.rank == 4,
            k.rank == 4, v.rank == 4
        else { return 0 }
        return q[0] * q[1] * q[2] * k[1] * (q[3] + v[3])
    }

    /// Whether the attributes hide key `key` from query `query`.
    private func hides(_ key: Int, from query: Int) -> Bool {
        if isCausal, key > query { return true }
        guard let window else { return false }
        return abs(query - key) >= window
    }
}

// MARK: Reference

extension Attention {
    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        guard let query = operands[0], let key = operands[1], let value = operands[2] else {
            throw mismatch("an operand is missing")
        }
        let (batch, target, heads, source) = (query.shape[0], query.shape[1], query.shape[2], key.shape[1])
        let group = heads / max(1, key.shape[2])
        let valueWidth = value.shape[3]
        var output = ReferenceTensor(query.type, zeros: [batch, target, heads, valueWidth])
        var probabilities = ReferenceTensor(query.type, zeros: [batch, heads, target, source])
        for item in 0..<batch {
            for head in 0..<heads {
                for row in 0..<target {
                    let scores = referenceScores(operands, query, key, (item, head, row))
                    if zeroesHiddenRows, scores.allSatisfy({ $0 <= Attention.hiddenScore }) { continue }
                    for (column, probability) in softmax(scores).enumerated() {
                        probabilities.values[probabilities.offset([item, head, row, column])] = probability
                        for index in 0..<valueWidth {
                            output.values[output.offset([item, row, head, index])] +=
                                probability * value.values[value.offset([item, column, head / group, index])]
                        }
                    }
                }
            }
        }
        return [output, probabilities]
    }

    /// The scores of one query of one head, as they go into softmax.
    private func referenceScores(
        _ operands: [ReferenceTensor?], _ query: ReferenceTensor, _ key: ReferenceTensor,
        _ place: (item: Int, head: Int, row: Int)
    ) -> [Double] {
        let mask = operands[optional: 3]
        let bias = operands[optional: 4]
        let keyHead = place.head / (query.shape[2] / key.shape[2])
        return (0..<key.shape[1]).map { column in
            let position = [place.item, place.head, place.row, column]
            let isMasked = mask?.broadcast(position) == 0
            let isHidden = hides(column, from: place.row)
            if isMasked, isHidden, addsMasks { return 2 * Attention.hiddenScore }
            if isMasked || isHidden { return Attention.hiddenScore }
            var score = 0.0
            for index in 0..<query.shape[3] {
                score +=
                    query.values[query.offset([place.item, place.row, place.head, index])]
                    * key.values[key.offset([place.item, column, keyHead, index])]
            }
            score *= scale
            if let softCap { score = softCap * tanh(score / softCap) }
            return score + (bias?.broadcast(position) ?? 0)
        }
    }
}

/// eˣ over its sum.
func softmax(_ scores: [Double]) -> [Double] {
    guard let greatest = scores.max() else { return [] }
    let powers = scores.map { exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

// MARK: Fast

extension Attention {
    /// The scores of one block of queries for each thread.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        guard operands.count > 1, let query = operands[0], let key = operands[1], query.rank == 4, key.rank == 4
        else { return 0 }
        return threads * Attention.blockRows(target: query[1], source: key[1]) * key[1]
    }

    /// Queries that are scored at once: few enough for their scores to stay in the cache, whatever the number of threads.
    fileprivate static func blockRows(target: Int, source: Int) -> Int {
        max(1, min(target, max(32, (1 << 16) / max(1, source))))
    }

    /// Blocks of queries of one head are shared out over the threads. Heads stay interleaved where they lie: products
    /// step over the others.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let run = AttentionRun(self, call)
        // Small work is over before a thread has started.
        let work = call.operand(0).count * call.operand(1).shape[1]
        let threads = work > 1 << 19 ? call.threads : .single
        threads.forEachWorker(run.blockCount) { worker, block in run.attend(block, worker) }
    }
}

/// One fast evaluation.
private struct AttentionRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: blocks write disjoint parts of the results.
    let operation: Attention
    let query: FastTensor<Scalar>
    let key: FastTensor<Scalar>
    let value: FastTensor<Scalar>
    let mask: BroadcastRows<UInt8>?
    let bias: BroadcastRows<Scalar>?
    let output: FastTensor<Scalar>?
    let probabilities: FastTensor<Scalar>?
    let workspace: UnsafeMutablePointer<Scalar>

    init(_ operation: Attention, _ call: FastCall<Scalar>) {
        self.operation = operation
        query = call.operand(0)
        key = call.operand(1)
        value = call.operand(2)
        mask = call.optional(3).map { BroadcastRows($0.booleans, $0.shape) }
        bias = call.optional(4).map { BroadcastRows($0.reals, $0.shape) }
        output = call.results[0]
        probabilities = call.results.count > 1 ? call.results[1] : nil
        workspace = call.workspace
    }

    var target: Int { query.shape[1] }
    var heads: Int { query.shape[2] }
    var source: Int { key.shape[1] }
    var blockRows: Int { Attention.blockRows(target: target, source: source) }
    var blocksPerHead: Int { (target + blockRows - 1) / blockRows }
    var blockCount: Int { query.shape[0] * heads * blocksPerHead }

    /// Scores, probabilities and output of one block of queries.
    func attend(_ block: Int, _ worker: Int) {
        let first = block % blocksPerHead * blockRows
        let rows = min(blockRows, target - first)
        let head = block / blocksPerHead % heads
        let item = block / blocksPerHead / heads
        let scores =
            probabilities.map { $0.reals + ((item * heads + head) * target + first) * source }
            ?? workspace + worker * blockRows * source
        let visible = visibleKeys(upTo: first + rows - 1)
        multiplyKeys(item, head, first, rows, visible, scores)
        for row in 0..<rows {
            let start = scores + row * source
            adjust(start, visible, item, head, first + row)
            if operation.zeroesHiddenRows, isHidden(start, visible) {
                start.update(repeating: 0, count: visible)
            } else {
                Scalar.rows.softmax(start, start, visible)
            }
            (start + visible).update(repeating: 0, count: source - visible)
        }
        multiplyValues(item, head, first, rows, visible, scores)
    }

    /// Whether every key of a query is hidden.
    private func isHidden(_ scores: UnsafeMutablePointer<Scalar>, _ count: Int) -> Bool {
        let hidden = Scalar(Attention.hiddenScore)
        return UnsafeBufferPointer(start: scores, count: count).allSatisfy { $0 <= hidden }
    }

    /// How many keys can have a probability for queries up to `last`. Where nothing but the causal rule hides keys, every
    /// query sees at least one, so that those after it have none.
    private func visibleKeys(upTo last: Int) -> Int {
        let onlyCausal = operation.isCausal && operation.window == nil && mask == nil && bias == nil
        return onlyCausal ? min(source, last + 1) : source
    }

    private func keyHead(_ head: Int) -> Int { head / (heads / key.shape[2]) }

    private func multiplyKeys(
        _ item: Int, _ head: Int, _ first: Int, _ rows: Int, _ visible: Int, _ scores: UnsafeMutablePointer<Scalar>
    ) {
        let (width, keyHeads) = (query.shape[3], key.shape[2])
        Scalar.matrixProduct(
            transposeA: false, transposeB: true, m: rows, n: visible, k: width, alpha: Scalar(operation.scale),
            query.reals + ((item * target + first) * heads + head) * width, lda: heads * width,
            key.reals + (item * source * keyHeads + keyHead(head)) * width, ldb: keyHeads * width, beta: 0,
            scores, ldc: source)
    }

    private func multiplyValues(
        _ item: Int, _ head: Int, _ first: Int, _ rows: Int, _ visible: Int, _ scores: UnsafeMutablePointer<Scalar>
    ) {
        guard let output else { return }
        let (width, keyHeads) = (value.shape[3], key.shape[2])
        Scalar.matrixProduct(
            transposeA: false, transposeB: false, m: rows, n: width, k: visible, alpha: 1, scores, lda: source,
            value.reals + (item * source * keyHeads + keyHead(head)) * width, ldb: keyHeads * width, beta: 0,
            output.reals + ((item * target + first) * heads + head) * width, ldc: heads * width)
    }

    /// Soft cap, bias and masks of one query.
    private func adjust(
        _ scores: UnsafeMutablePointer<Scalar>, _ count: Int, _ item: Int, _ head: Int, _ row: Int
    ) {
        if let softCap = operation.softCap {
            let cap = Scalar(softCap)
            for column in 0..<count { scores[column] /= cap }
            ActivationFunction.tanh.apply(scores, count: count)
            for column in 0..<count { scores[column] *= cap }
        }
        if let bias {
            let (start, stride) = bias.row(item, head, row)
            for column in 0..<count { scores[column] += start[column * stride] }
        }
        let hidden = Scalar(Attention.hiddenScore)
        if let mask {
            let (start, stride) = mask.row(item, head, row)
            // Most rows hide no key: that is found out faster than key by key.
            if stride != 1 || memchr(start, 0, count) != nil {
                for column in 0..<count where start[column * stride] == 0 { scores[column] = hidden }
            }
        }
        let window = operation.window ?? .max
        let firstSeen = max(0, row - window + 1)
        let endSeen = operation.isCausal ? row + 1 : window < count - row ? row + window : count
        hide(scores, 0..<min(firstSeen, count))
        hide(scores, min(max(endSeen, 0), count)..<count)
    }

    /// Hides keys that the attributes hide; no score that is not hidden is as low as those that the mask has hidden.
    private func hide(_ scores: UnsafeMutablePointer<Scalar>, _ columns: Range<Int>) {
        let hidden = Scalar(Attention.hiddenScore)
        for column in columns {
            scores[column] = operation.addsMasks && scores[column] == hidden ? 2 * hidden : hidden
        }
    }
}
