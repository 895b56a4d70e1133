// RotaryEmbedding: pairs of features turned by angles that grow with the position.

import AssayGraph
import AssayTensors
import Glibc

/// Rotary position embedding (Su et al. 2021): each pair of features is turned in its plane by position times frequency.
///
/// Operands: x `[batch, sequence, heads, width]`, positions (integers `[batch or 1, sequence]`) or none for 0, 1, 2, ….
/// Result: the shape of x. Features behind the rotated ones stay as they are.
public struct RotaryEmbedding: Operator {
    /// The name in the JSON form.
    public static let name = "RotaryEmbedding"
    /// The formula.
    public static let formula = """
        (y[a], y[b]) = s · (x[a] · cos θ − x[b] · sin θ, x[b] · cos θ + x[a] · sin θ), θ = position · f[i], where (a, b) = \
        (i, n + i), or (2 i, 2 i + 1) interleaved, i < n
        """
    /// The frequency of each pair: half as many as features are rotated.
    public var frequencies: [Double]
    /// The factor of sine and cosine.
    public var scale: Double
    /// Whether neighbours are pairs; else one is in the first half of the rotated features, one in the second.
    public var isInterleaved: Bool
    /// How the frequencies fall with sequences that are longer than those of training; nil where they stay.
    public var growth: Growth?

    /// Frequencies that fall with the length of the sequence (dynamic NTK scaling, bloc97 and emozilla 2023): the frequency
    /// of pair i of n gets the factor `(factor · length / trainedLength − (factor − 1))^(−i / (n − 1))`, where length is the
    /// greatest position and one. It is the common base of the frequencies that grows so.
    public struct Growth: Sendable, Hashable, Codable {
        /// How fast.
        public var factor: Double
        /// The length up to which nothing changes.
        public var trainedLength: Int

        /// Frequencies that fall with the length of the sequence.
        public init(factor: Double, trainedLength: Int) {
            self.factor = factor
            self.trainedLength = trainedLength
        }
    }

    /// A rotation by position times `frequencies`.
    public init(frequencies: [Double], scale: Double = 1, isInterleaved: Bool = false, growth: Growth? = nil) {
        self.frequencies = frequencies
        self.scale = scale
        self.isInterleaved = isInterleaved
        self.growth = growth
    }

    /// A few operations each.
    public var exactness: Exactness { .rounding }

    /// Three an element.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 3 * (results.first?.count ?? 0) }

    /// The shape of x.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try requireReal(operands, 0, "the input")
        guard let shape = x.shape else { return [x] }
        guard shape.count == 4 else { throw mismatch("wrong input", expected: "four axes", found: shape.text) }
        guard (shape[3].value ?? .max) / 2 >= frequencies.count else {
            throw mismatch(
                "wrong width", expected: "at least \(2 * frequencies.count)", found: shape[3].description)
        }
        if let growth, growth.trainedLength < 1 || frequencies.count < 2 {
            throw mismatch("frequencies cannot fall", expected: "a length and two frequencies at least")
        }
        if let positions = operands[optional: 1] {
            guard positions.type.isInteger else {
                throw mismatch("wrong type of the positions", expected: "integers", found: positions.type.displayName)
            }
            try requireBroadcast(positions, to: [shape[0], shape[1]], role: "positions")
            try requireShape(positions, [positions.shape?.first ?? 1, shape[1]], role: "positions")
        }
        return [Fact(x.type, shape)]
    }

    /// The features of pair `index`.
    private func pair(_ index: Int) -> (Int, Int) {
        isInterleaved ? (2 * index, 2 * index + 1) : (index, frequencies.count + index)
    }
}

// MARK: Reference

extension RotaryEmbedding {
    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let x = try given(operands, 0)
        let positions = operands[optional: 1]
        let length = (positions?.values.max() ?? Double(x.shape[1] - 1)) + 1
        var y = x
        for item in 0..<x.shape[0] {
            for place in 0..<x.shape[1] {
                let position = positions?.broadcast([item, place]) ?? Double(place)
                for head in 0..<x.shape[2] {
                    for index in frequencies.indices {
                        let angle = position * referenceFrequency(index, length: length)
                        let (a, b) = pair(index)
                        let (first, second) = (x[[item, place, head, a]], x[[item, place, head, b]])
                        y.values[y.offset([item, place, head, a])] = scale * (first * cos(angle) - second * sin(angle))
                        y.values[y.offset([item, place, head, b])] = scale * (second * cos(angle) + first * sin(angle))
                    }
                }
            }
        }
        return [y]
    }

    private func referenceFrequency(_ index: Int, length: Double) -> Double {
        guard let growth, length > Double(growth.trainedLength) else { return frequencies[index] }
        let stretch = growth.factor * length / Double(growth.trainedLength) - (growth.factor - 1)
        return frequencies[index] / pow(stretch, Double(index) / Double(frequencies.count - 1))
    }
}

// MARK: Fast

extension RotaryEmbedding {
    /// Sine and cosine for each position and pair.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        guard let x = operands.first ?? nil, x.rank == 4 else { return 0 }
        let rows = operands.count > 1 ? operands[1]?.count ?? x[1] : x[1]
        return rows.saturating(times: 2 * frequencies.count)
    }

    /// The table of sines and cosines first, then the tokens shared out over the threads.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (x, y) = (call.operand(0), call.result())
        let run = RotaryRun(self, x: x, y: y, positions: call.optional(1), table: call.workspace)
        let pairs = frequencies.count
        call.threads.forEachPart(run.rowCount, pieceCost: 64 * pairs) { rows in
            for row in rows { run.fillTable(row) }
        }
        call.threads.forEachPart(x.shape[0] * x.shape[1], pieceCost: 2 * run.tokenCount) { tokens in
            for token in tokens { run.rotate(token) }
        }
    }
}

/// One fast evaluation.
private struct RotaryRun<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: tokens write disjoint parts of the result, rows disjoint parts of the table.
    let operation: RotaryEmbedding
    let x: FastTensor<Scalar>
    let y: FastTensor<Scalar>
    let positions: FastTensor<Scalar>?
    let table: UnsafeMutablePointer<Scalar>
    private let frequencies: [Double]

    init(
        _ operation: RotaryEmbedding, x: FastTensor<Scalar>, y: FastTensor<Scalar>, positions: FastTensor<Scalar>?,
        table: UnsafeMutablePointer<Scalar>
    ) {
        self.operation = operation
        self.x = x
        self.y = y
        self.positions = positions
        self.table = table
        var length = Double(x.shape[1])
        if let positions {
            length = 1 + Double(UnsafeBufferPointer(start: positions.integers, count: positions.count).max() ?? -1)
        }
        frequencies = RotaryRun.frequencies(of: operation, length: length)
    }

    private static func frequencies(of operation: RotaryEmbedding, length: Double) -> [Double] {
        guard let growth = operation.growth, length > Double(growth.trainedLength) else { return operation.frequencies }
        let stretch = growth.factor * (length / Double(growth.trainedLength) - 1) + 1
        let fall = -log(stretch) / Double(operation.frequencies.count - 1)
        return operation.frequencies.enumerated().map { $1 * exp(Double($0) * fall) }
    }

    var rowCount: Int { positions?.count ?? x.shape[1] }
    var tokenCount: Int { x.shape[2] * x.shape[3] }
    private var pairs: Int { frequencies.count }

    /// Cosines of one row, then its sines.
    func fillTable(_ row: Int) {
        let position = positions.map { Double($0.integers[row]) } ?? Double(row)
        let cosines = table + row * 2 * pairs
        for index in 0..<pairs {
            let angle = position * frequencies[index]
            cosines[index] = Scalar(operation.scale * cos(angle))
            cosines[pairs + index] = Scalar(operation.scale * sin(angle))
        }
    }

    /// Turns all heads of one token.
    func rotate(_ token: Int) {
        let width = x.shape[3]
        let cosines = table + token % rowCount * 2 * pairs
        let sines = cosines + pairs
        for head in 0..<x.shape[2] {
            let offset = (token * x.shape[2] + head) * width
            let (from, to) = (x.reals + offset, y.reals + offset)
            if operation.isInterleaved {
                for index in 0..<pairs {
                    let (first, second) = (from[2 * index], from[2 * index + 1])
                    to[2 * index] = first * cosines[index] - second * sines[index]
                    to[2 * index + 1] = second * cosines[index] + first * sines[index]
                }
            } else {
                for index in 0..<pairs {
                    let (first, second) = (from[index], from[pairs + index])
                    to[index] = first * cosines[index] - second * sines[index]
                    to[pairs + index] = second * cosines[index] + first * sines[index]
                }
            }
            for index in 2 * pairs..<width { to[index] = from[index] }
        }
    }
}
