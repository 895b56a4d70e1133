// Numbers of twice a double's digits, for the one difference that needs them.

/// An unevaluated sum of two doubles (Dekker 1971; products by fused multiply–add).
struct DoubleDouble {
    var high: Double
    var low: Double

    init(high: Double, low: Double) {
        self.high = high
        self.low = low
    }

    /// An exact sum's first 106 bits.
    init(_ sum: ExactSum) {
        high = sum.value
        var rest = sum
        if high.isFinite { rest.add(-high) }
        low = high.isFinite ? rest.value : 0
    }

    static func * (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
        let product = left.high * right.high
        var error = (-product).addingProduct(left.high, right.high)
        error += left.high * right.low + left.low * right.high
        return DoubleDouble(high: product, low: error).normalised
    }

    static func - (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
        let difference = left.high - right.high
        let part = difference - left.high
        let error = (left.high - (difference - part)) - (right.high + part)
        return DoubleDouble(high: difference, low: error + left.low - right.low).normalised
    }

    private var normalised: DoubleDouble {
        let sum = high + low
        return DoubleDouble(high: sum, low: low - (sum - high))
    }
}
