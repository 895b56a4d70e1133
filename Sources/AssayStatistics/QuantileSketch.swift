// Quantiles of any number of values in little memory, such that sketches of parts add up to the sketch of the whole.

/// Counts of values in buckets whose width is in proportion to the value, as in DDSketch (Masson, Rim, Lee: "DDSketch: a
/// fast and fully-mergeable quantile sketch", VLDB 2019), with buckets cut by exponent and leading mantissa bits instead of
/// a logarithm, so that a value's bucket is exact and the same on every machine.
///
/// A quantile is off by at most `relativeAccuracy` of the order statistic that it stands for (normal numbers).
public struct QuantileSketch: Sendable, Hashable {
    /// Counts of consecutive buckets; the first and the last are not zero.
    public struct Buckets: Sendable, Hashable {
        /// The number of the first bucket.
        public private(set) var start = 0
        /// The counts from there on.
        public private(set) var counts: [Int] = []

        /// No counts.
        init() {}

        /// Counts as stored; nil when they are no counts or no such buckets exist.
        init?(start: Int, counts: [Int]) {
            guard (0..<QuantileSketch.bucketCount).contains(start), counts.count <= QuantileSketch.bucketCount - start,
                counts.allSatisfy({ (0...QuantileSketch.countLimit).contains($0) })
            else { return nil }
            var total = 0
            for (offset, count) in counts.enumerated() where count > 0 {
                total += count
                guard total <= QuantileSketch.countLimit else { return nil }
                add(count, to: start + offset)
            }
        }

        /// How many values are counted.
        public var total: Int { counts.reduce(0, +) }

        @inline(__always)
        mutating func add(_ count: Int, to bucket: Int) {
            let offset = bucket - start
            if offset >= 0, offset < counts.count { counts[offset] += count } else { grow(by: count, to: bucket) }
        }

        private mutating func grow(by count: Int, to bucket: Int) {
            if counts.isEmpty {
                start = bucket
            } else if bucket < start {
                counts.insert(contentsOf: repeatElement(0, count: start - bucket), at: 0)
                start = bucket
            }
            if bucket - start >= counts.count {
                counts.append(contentsOf: repeatElement(0, count: bucket - start - counts.count + 1))
            }
            counts[bucket - start] += count
        }

        mutating func add(_ other: Buckets) {
            for (offset, count) in other.counts.enumerated() where count > 0 { add(count, to: other.start + offset) }
        }
    }

    /// Values above zero by their magnitude.
    public private(set) var positive = Buckets()
    /// Values below zero by their magnitude.
    public private(set) var negative = Buckets()
    /// How many values are zero.
    public private(set) var zeros = 0

    /// Buckets in each power of two.
    private static let bitsPerOctave = 6
    private static let droppedBits = UInt64(Double.significandBitCount - bitsPerOctave)
    /// Buckets of all finite doubles of one sign.
    static let bucketCount = 0x7FF << bitsPerOctave
    /// The largest count that is believed of a file.
    static let countLimit = 1 << 53

    /// Half a bucket's width beside its lower end: 1/128.
    public static let relativeAccuracy = 1 / Double(2 << bitsPerOctave)

    /// A sketch of nothing.
    public init() {}

    /// A sketch as stored.
    init(positive: Buckets, negative: Buckets, zeros: Int) {
        self.positive = positive
        self.negative = negative
        self.zeros = zeros
    }

    /// Counts one value.
    ///
    /// - Precondition: it is finite.
    @inline(__always)
    public mutating func add(_ value: Double) {
        let bucket = Int(value.magnitude.bitPattern >> QuantileSketch.droppedBits)
        if value > 0 {
            positive.add(1, to: bucket)
        } else if value < 0 {
            negative.add(1, to: bucket)
        } else {
            zeros += 1
        }
    }

    /// Counts the values of another sketch.
    public mutating func add(_ other: QuantileSketch) {
        positive.add(other.positive)
        negative.add(other.negative)
        zeros += other.zeros
    }

    /// How many values are counted.
    public var count: Int { positive.total + negative.total + zeros }

    /// The value below which the share `q` of all values lies: the order statistic of rank ⌊q · (n − 1)⌋, to the sketch's
    /// accuracy; nil for no values.
    public func quantile(_ q: Double) -> Double? {
        let count = count
        guard count > 0 else { return nil }
        var rest = Int(min(max(q, 0), 1) * Double(count - 1))
        for (value, count) in ascending {
            if rest < count { return value }
            rest -= count
        }
        return nil
    }

    /// The middle of each bucket that has values, and their number, ascending.
    public var ascending: [(value: Double, count: Int)] {
        func middles(_ buckets: Buckets) -> [(value: Double, count: Int)] {
            buckets.counts.enumerated().compactMap { offset, count in
                count == 0 ? nil : (QuantileSketch.middle(of: buckets.start + offset), count)
            }
        }
        return middles(negative).reversed().map { (-$0.value, $0.count) } + (zeros > 0 ? [(0, zeros)] : [])
            + middles(positive)
    }

    private static func middle(of bucket: Int) -> Double {
        Double(bitPattern: UInt64(bucket) << droppedBits | 1 << (droppedBits - 1))
    }
}
