// The entropy of probabilities along a layer's last axis: how decided a softmax is.

import Glibc

/// Entropies in nats, one for each row of probabilities.
public struct EntropyStatistics: Sendable, Hashable {
    /// How many rows there were.
    public internal(set) var rows = 0
    /// The sum of the rows' entropies.
    public internal(set) var sum = ExactSum()
    /// The sum of the entropies that rows of that many classes have at most.
    public internal(set) var sumOfLimits = ExactSum()
    /// The smallest entropy.
    public internal(set) var minimum = Double.infinity
    /// The largest entropy.
    public internal(set) var maximum = -Double.infinity

    /// No rows.
    init() {}

    /// The mean entropy in nats; nil without rows.
    public var mean: Double? { rows == 0 ? nil : sum.value / Double(rows) }

    /// The mean entropy beside that of a uniform choice: 0 is decided, 1 undecided; nil without rows, or for one class.
    public var share: Double? {
        let limit = sumOfLimits.value
        return limit > 0 ? sum.value / limit : nil
    }

    /// Adds a row: −Σ p ln p. A row with a value that is not finite has no entropy.
    mutating func add<Element: BinaryFloatingPoint>(_ row: UnsafeBufferPointer<Element>) {
        var entropy = 0.0
        for element in row {
            let probability = Double(element)
            guard probability.isFinite else { return }
            if probability > 0 { entropy -= probability * log(probability) }
        }
        rows += 1
        sum.add(entropy)
        sumOfLimits.add(row.count > 1 ? log(Double(row.count)) : 0)
        minimum = min(minimum, entropy)
        maximum = max(maximum, entropy)
    }

    mutating func add(_ other: EntropyStatistics) {
        rows += other.rows
        sum.add(other.sum)
        sumOfLimits.add(other.sumOfLimits)
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
    }
}
