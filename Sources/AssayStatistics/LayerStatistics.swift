// The statistics of one layer's output over any number of values. Everything that is kept adds up exactly: statistics of
// parts merge to those of the whole, bit for bit, in any order.

import AssayGraph
import AssayOperators
import AssayTensors

/// What the values of one layer output were.
public struct LayerStatistics: Sendable, Hashable {
    /// What is described, which two parts must agree on to be merged.
    public struct Subject: Sendable, Hashable {
        /// `PATH`, with `:1` for the second call and `.0` for the first of several outputs.
        public let name: String
        /// The layer's class.
        public let className: String
        /// The shape as the model declares it; nil where not even the number of axes is known.
        public let shape: [Dimension]?
        /// What values the layer gives.
        public let activation: ActivationClass

        /// How many units the last axis has, where they are looked at one by one.
        var channelCount: Int? {
            guard let shape, shape.count > 1, let count = shape.last?.value,
                (1...ChannelStatistics.limit).contains(count)
            else { return nil }
            return count
        }
    }

    /// What is described.
    public let subject: Subject
    /// How many values are not numbers.
    public internal(set) var nanCount = 0
    /// How many values are plus infinity.
    public internal(set) var positiveInfinityCount = 0
    /// How many values are minus infinity.
    public internal(set) var negativeInfinityCount = 0
    /// The smallest finite value; plus infinity without one.
    public internal(set) var minimum = Double.infinity
    /// The largest finite value; minus infinity without one.
    public internal(set) var maximum = -Double.infinity
    /// The sum of the finite values.
    public internal(set) var sum = ExactSum()
    /// The sum of the squares of the finite values, each rounded to a double.
    public internal(set) var sumOfSquares = ExactSum()
    /// How the finite values are spread.
    public internal(set) var sketch = QuantileSketch()
    /// The units along the last axis, where its extent is fixed.
    public internal(set) var channels: ChannelStatistics?
    /// The entropy of probabilities.
    public internal(set) var entropy: EntropyStatistics?

    /// Nothing seen yet.
    public init(_ subject: Subject) {
        self.subject = subject
        channels = subject.channelCount.map { ChannelStatistics(count: $0) }
        if subject.activation == .probabilities { entropy = EntropyStatistics() }
    }

    // MARK: Measures

    /// How many values are finite.
    public var finiteCount: Int { sketch.count }
    /// How many values are infinite or not numbers.
    public var nonFiniteCount: Int { nanCount + positiveInfinityCount + negativeInfinityCount }
    /// How many values there were.
    public var count: Int { finiteCount + nonFiniteCount }
    /// How many values are zero.
    public var zeroCount: Int { sketch.zeros }

    /// The mean of the finite values; nil without one.
    public var mean: Double? { finiteCount == 0 ? nil : sum.value / Double(finiteCount) }

    /// The standard deviation of the finite values (the root of the mean squared distance from the mean); nil without one.
    public var deviation: Double? {
        let count = Double(finiteCount)
        guard count > 0 else { return nil }
        // n Σx² − (Σx)² with twice the digits of a double, so that a large mean does not swallow a small deviation.
        let squares = DoubleDouble(sumOfSquares) * DoubleDouble(high: count, low: 0)
        let mean = DoubleDouble(sum)
        let difference = squares - mean * mean
        return max(0, difference.high).squareRoot() / count
    }

    /// The Euclidean norm of the finite values.
    public var norm: Double { sumOfSquares.value.squareRoot() }

    /// A quantile of the finite values, to the sketch's accuracy and within the extremes; nil without one.
    public func quantile(_ q: Double) -> Double? {
        if q <= 0, finiteCount > 0 { return minimum }
        if q >= 1, finiteCount > 0 { return maximum }
        return sketch.quantile(q).map { min(max($0, minimum), maximum) }
    }

    /// Counts of the finite values in `bins` equal parts of the range from `minimum` to `maximum`. Values are placed by the
    /// sketch's buckets, so a value beside an edge may count for the neighbour.
    public func histogram(bins: Int) -> [Int] {
        precondition(bins > 0, "at least one bin")
        var counts = [Int](repeating: 0, count: bins)
        let width = (maximum - minimum) / Double(bins)
        for (value, count) in sketch.ascending {
            let inside = min(max(value, minimum), maximum)
            let bin = width > 0 && width.isFinite ? Int((inside - minimum) / width) : 0
            counts[min(max(bin, 0), bins - 1)] += count
        }
        return counts
    }

    // MARK: Adding

    /// Adds the values of a layer output.
    public mutating func add<Scalar: FastScalar>(_ tensor: FastTensor<Scalar>) {
        let width = max(tensor.shape.last ?? 1, 1)
        switch tensor.storage {
        case .real: add(UnsafeBufferPointer(start: tensor.reals, count: tensor.count), width: width)
        case .integer, .boolean:
            // Masks and ids are small beside activations.
            let values = (0..<tensor.count).map { Double(tensor.scalar(at: $0)) }
            values.withUnsafeBufferPointer { add($0, width: width) }
        }
    }

    /// Adds rows of `width` values.
    mutating func add<Element: BinaryFloatingPoint>(_ values: UnsafeBufferPointer<Element>, width: Int) {
        if let channels, channels.count == width {
            for row in 0..<values.count / width { addRow(values, from: row * width, width: width) }
        } else {
            for value in values { addValue(Double(value)) }
        }
        guard entropy != nil else { return }
        for start in stride(from: 0, to: values.count - width + 1, by: width) {
            entropy?.add(UnsafeBufferPointer(rebasing: values[start..<start + width]))
        }
    }

    @inline(__always)
    private mutating func addRow<Element: BinaryFloatingPoint>(
        _ values: UnsafeBufferPointer<Element>, from start: Int, width: Int
    ) {
        channels?.rows += 1
        for channel in 0..<width {
            let value = Double(values[start + channel])
            guard addValue(value) else { continue }
            channels?.add(value, to: channel, subject.activation)
        }
    }

    /// Adds one value; false for one that is not finite.
    @inline(__always) @discardableResult
    private mutating func addValue(_ value: Double) -> Bool {
        guard value.isFinite else {
            if value.isNaN {
                nanCount += 1
            } else if value > 0 {
                positiveInfinityCount += 1
            } else {
                negativeInfinityCount += 1
            }
            return false
        }
        sum.add(value)
        // Beyond the root of the largest double a square has no value to add: it counts as the largest.
        sumOfSquares.add(min(value * value, .greatestFiniteMagnitude))
        // Adding zero turns −0 into 0, so that extremes do not depend on the order.
        minimum = min(minimum, value + 0)
        maximum = max(maximum, value + 0)
        sketch.add(value)
        return true
    }

    /// Adds the statistics of other values of the same layer.
    ///
    /// - Throws: `AssayError.usage` when they describe another layer.
    public mutating func add(_ other: LayerStatistics) throws(AssayError) {
        guard subject == other.subject else {
            throw .usage(
                "statistics of different layers cannot be merged", expected: subject.name, found: other.subject.name)
        }
        guard count <= QuantileSketch.countLimit - other.count else {
            throw .usage("the merged statistics would count too many values", object: subject.name)
        }
        nanCount += other.nanCount
        positiveInfinityCount += other.positiveInfinityCount
        negativeInfinityCount += other.negativeInfinityCount
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        sum.add(other.sum)
        sumOfSquares.add(other.sumOfSquares)
        sketch.add(other.sketch)
        if let theirs = other.channels { channels?.add(theirs) }
        if let theirs = other.entropy { entropy?.add(theirs) }
    }
}

extension ChannelStatistics {
    /// Adds one finite value of a unit.
    @inline(__always)
    mutating func add(_ value: Double, to channel: Int, _ activation: ActivationClass) {
        magnitudes[channel] = max(magnitudes[channel], value.magnitude)
        if activation.isActive(value) { active[channel] += 1 }
        if activation.isSaturated(value) { saturated[channel] += 1 }
    }
}
