// AdditiveAttention: scores from the tanh of sums (Bahdanau et al. 2014).

import AssayGraph
import AssayTensors
import Glibc

/// Additive attention.
///
/// Operands: query `[batch, target, width]`, key `[batch, source, width]`, value `[batch, source, valueWidth]`, scale
/// `[width]` or none, mask (bool, true where a query attends to a key, broadcastable to `[batch, target, source]`) or none.
/// Results: output `[batch, target, valueWidth]`, probabilities `[batch, target, source]`.
/// Hidden scores are replaced as in `Attention`.
public struct AdditiveAttention: Operator {
    /// The name in the JSON form.
    public static let name = "AdditiveAttention"
    /// The formula.
    public static let formula = """
        p[i, j] = softmaxⱼ(Σ scale · tanh(q[i] + k[j]), or −10⁹ where hidden); y[i] = Σⱼ p[i, j] · v[j]
        """
    /// Whether query i sees only keys j ≤ i.
    public var isCausal: Bool

    /// Additive attention with every key visible unless something else is said.
    public init(isCausal: Bool = false) { self.isCausal = isCausal }

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
        guard q.count == 3 else { throw mismatch("wrong query", expected: "three axes", found: q.text) }
        guard k.count == 3, k[0].isCompatible(with: q[0]), k[2].isCompatible(with: q[2]) else {
            throw mismatch("wrong key", expected: "[\(q[0]), source, \(q[2])]", found: k.text)
        }
        guard v.count == 3, zip(v, k).prefix(2).allSatisfy({ $0.isCompatible(with: $1) }) else {
            throw mismatch("wrong value", expected: "[\(k[0]), \(k[1]), width]", found: v.text)
        }
        let scores = [q[0], q[1], k[1]]
        try check(operands, 3, "scale", [q[2]])
        try checkBroadcast(operands, 4, "mask", to: scores, type: .bool)
        return [Fact(query.type, [q[0], q[1], v[2]]), Fact(query.type, scores)]
    }

    /// Those of the scores and of the product with the values.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        guard operands.count > 2, let q = operands[0], let v = operands[2], results.count == 2, q.rank == 3,
            v.rank == 3
        else { return 0 }
        return results[1].count * (q[2] + v[2])
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (query, key, value) = (try given(operands, 0), try given(operands, 1), try given(operands, 2))
        let (scale, mask) = (operands[optional: 3], operands[optional: 4])
        let (batch, target, width) = (query.shape[0], query.shape[1], query.shape[2])
        let (source, valueWidth) = (key.shape[1], value.shape[2])
        var output = ReferenceTensor(query.type, zeros: [batch, target, valueWidth])
        var probabilities = ReferenceTensor(query.type, zeros: [batch, target, source])
        for item in 0..<batch {
            for row in 0..<target {
                let scores = (0..<source).map { column in
                    let isHidden = isCausal && column > row || mask?.broadcast([item, row, column]) == 0
                    if isHidden { return Attention.hiddenScore }
                    return (0..<width).reduce(0) { sum, index in
                        sum + (scale?.values[index] ?? 1)
                            * tanh(query[[item, row, index]] + key[[item, column, index]])
                    }
                }
                for (column, probability) in softmax(scores).enumerated() {
                    probabilities.values[probabilities.offset([item, row, column])] = probability
                    for index in 0..<valueWidth {
                        output.values[output.offset([item, row, index])] +=
                            probability * value[[item, column, index]]
                    }
                }
            }
        }
        return [output, probabilities]
    }

    /// The sums of one query with every key and its scores, for each thread.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        guard operands.count > 1, let key = operands[1], key.rank == 3 else { return 0 }
        return threads * key[1] * (key[2] + 1)
    }

    /// Queries are shared out over the threads.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let run = AdditiveRun(isCausal: isCausal, call: call)
        let work = call.operand(0).count * call.operand(1).shape[1]
        let threads = work > 1 << 17 ? call.threads : .single
        threads.forEachWorker(run.batch * run.target) { worker, row in run.attend(row, worker) }
    }
}

/// One fast evaluation.
private struct AdditiveRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: queries write disjoint parts of the results.
    let isCausal: Bool
    let call: FastCall<Scalar>

    var batch: Int { call.operand(0).shape[0] }
    var target: Int { call.operand(0).shape[1] }
    private var width: Int { call.operand(0).shape[2] }
    private var source: Int { call.operand(1).shape[1] }

    /// Scores, probabilities and output of one query.
    func attend(_ row: Int, _ worker: Int) {
        let item = row / target
        let sums = call.workspace + worker * source * (width + 1)
        let scores = call.results[1].map { $0.reals + row * source } ?? sums + source * width
        let query = call.operand(0).reals + row * width
        let keys = call.operand(1).reals + item * source * width
        for column in 0..<source {
            Scalar.rows.add(query, 1, keys + column * width, 1, sums + column * width, width)
        }
        ActivationFunction.tanh.apply(sums, count: source * width)
        let scale = call.optional(3)?.reals
        for column in 0..<source {
            var score: Scalar = 0
            for index in 0..<width { score += (scale?[index] ?? 1) * sums[column * width + index] }
            scores[column] = score
        }
        hide(scores, item, row % target)
        Scalar.rows.softmax(scores, scores, source)
        guard let output = call.results[0], let valueWidth = output.shape.last else { return }
        Scalar.matrixProduct(
            transposeA: false, transposeB: false, m: 1, n: valueWidth, k: source, alpha: 1, scores, lda: source,
            call.operand(2).reals + item * source * valueWidth, ldb: valueWidth, beta: 0,
            output.reals + row * valueWidth, ldc: valueWidth)
    }

    private func hide(_ scores: UnsafeMutablePointer<Scalar>, _ item: Int, _ row: Int) {
        let hidden = Scalar(Attention.hiddenScore)
        if let mask = call.optional(4) {
            let (start, stride) = BroadcastRows(mask.booleans, mask.shape).row(0, item, row)
            for column in 0..<source where start[column * stride] == 0 { scores[column] = hidden }
        }
        guard isCausal, row + 1 < source else { return }
        for column in row + 1..<source { scores[column] = hidden }
    }
}
