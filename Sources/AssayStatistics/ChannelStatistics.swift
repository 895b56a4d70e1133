// What the units along a layer's last axis do: which are dead, saturated, or far larger than the others.

/// Counts for each unit of a layer's last axis; all of them add up exactly.
public struct ChannelStatistics: Sendable, Hashable {
    /// The largest finite magnitude of each unit.
    public internal(set) var magnitudes: [Double]
    /// How often each unit was active.
    public internal(set) var active: [Int]
    /// How often each unit was saturated.
    public internal(set) var saturated: [Int]
    /// How many values each unit gave.
    public internal(set) var rows: Int

    /// A unit is an outlier when its largest magnitude is above this many times the median unit's.
    public static let outlierFactor = 6.0

    /// Layers with more units are not looked at unit by unit.
    static let limit = 1 << 16

    /// Nothing counted yet for `count` units.
    init(count: Int) {
        magnitudes = [Double](repeating: 0, count: count)
        active = [Int](repeating: 0, count: count)
        saturated = [Int](repeating: 0, count: count)
        rows = 0
    }

    /// How many units there are.
    public var count: Int { magnitudes.count }

    /// The units that were never active.
    public var dead: [Int] { rows == 0 ? [] : active.indices.filter { active[$0] == 0 } }

    /// The units that were always saturated.
    public var alwaysSaturated: [Int] { rows == 0 ? [] : saturated.indices.filter { saturated[$0] == rows } }

    /// A unit that is far larger than the others.
    public struct Outlier: Sendable, Hashable {
        /// The unit.
        public let channel: Int
        /// Its largest magnitude.
        public let magnitude: Double
        /// The magnitude beside the median unit's.
        public let ratio: Double
    }

    /// The units whose largest magnitude is above `outlierFactor` times the median unit's, in their order.
    public var outliers: [Outlier] {
        let sorted = magnitudes.sorted()
        guard sorted.count > 2 else { return [] }
        let median = sorted[sorted.count / 2]
        guard median > 0 else { return [] }
        return magnitudes.enumerated().compactMap { channel, magnitude in
            let ratio = magnitude / median
            return ratio > ChannelStatistics.outlierFactor
                ? Outlier(channel: channel, magnitude: magnitude, ratio: ratio) : nil
        }
    }

    mutating func add(_ other: ChannelStatistics) {
        rows += other.rows
        for channel in magnitudes.indices {
            magnitudes[channel] = max(magnitudes[channel], other.magnitudes[channel])
            active[channel] += other.active[channel]
            saturated[channel] += other.saturated[channel]
        }
    }
}
