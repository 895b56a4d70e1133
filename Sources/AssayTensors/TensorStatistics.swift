// What the elements of one tensor are like: moments, extremes and a histogram, in two passes over its parts.

/// Statistics of one tensor's elements.
public struct TensorStatistics: Sendable, Hashable {
    /// The number of elements.
    public private(set) var count = 0
    /// How many are not a number.
    public private(set) var nanCount = 0
    /// How many are infinite.
    public private(set) var infinityCount = 0
    /// How many are zero.
    public private(set) var zeroCount = 0
    /// The least finite element; nil where there is none.
    public private(set) var minimum: Double?
    /// The greatest finite element; nil where there is none.
    public private(set) var maximum: Double?
    /// The mean of the finite elements, by Welford's recurrence.
    public private(set) var mean = 0.0
    /// How many finite elements lie in each of the equally wide bins between minimum and maximum.
    public private(set) var histogram: [Int]
    private var squaredDeviations = 0.0

    /// The number of finite elements.
    public var finiteCount: Int { count - nanCount - infinityCount }

    /// The standard deviation of the finite elements (divided by their number, not one less).
    public var deviation: Double { finiteCount > 0 ? (squaredDeviations / Double(finiteCount)).squareRoot() : 0 }

    /// The Euclidean norm of the finite elements.
    public var norm: Double { (squaredDeviations + Double(finiteCount) * mean * mean).squareRoot() }

    /// Reads all elements of `tensor`, part by part.
    ///
    /// - Throws: `AssayError.unreadable` when the tensor cannot be decoded.
    public init(of tensor: Tensor, bins: Int = 16) throws(AssayError) {
        histogram = [Int](repeating: 0, count: max(bins, 1))
        try tensor.forEachPartOfDoubles { values in
            for value in values { add(value) }
        }
        guard let minimum, let maximum else { return }
        let scale = Double(histogram.count) / max(maximum - minimum, .leastNonzeroMagnitude)
        try tensor.forEachPartOfDoubles { values in
            for value in values where value.isFinite {
                let position = (value - minimum) * scale
                histogram[position.isFinite ? min(Int(position), histogram.count - 1) : 0] += 1
            }
        }
    }

    private mutating func add(_ value: Double) {
        count += 1
        guard value.isFinite else {
            if value.isNaN { nanCount += 1 } else { infinityCount += 1 }
            return
        }
        if value == 0 { zeroCount += 1 }
        minimum = min(minimum ?? value, value)
        maximum = max(maximum ?? value, value)
        let deviation = value - mean
        mean += deviation / Double(finiteCount)
        squaredDeviations += deviation * (value - mean)
    }
}

extension Tensor {
    /// Calls `body` with all elements as doubles, in order, part by part, so that a tensor of any size needs little
    /// memory.
    ///
    /// - Throws: `AssayError.unreadable` when the tensor cannot be decoded.
    public func forEachPartOfDoubles(_ body: (UnsafeBufferPointer<Double>) -> Void) throws(AssayError) {
        try forEachPart { (_, part) throws(AssayError) in
            let count = part.count / type.byteCount
            withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { buffer in
                part.withUnsafeBytes { ElementConversion.convert($0, of: type, toDoubles: buffer, count: count) }
                body(UnsafeBufferPointer(buffer))
            }
        }
    }
}
