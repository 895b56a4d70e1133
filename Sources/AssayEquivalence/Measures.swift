// How far two arrays of numbers are apart, in the measures that a report shows.

/// The difference between a value and its counterpart.
public struct Difference: Sendable, Hashable {
    /// The number of elements.
    public var count = 0
    /// The largest absolute difference.
    public var maximumAbsolute = 0.0
    /// The largest difference relative to the element of A, where that is not zero.
    public var maximumRelative = 0.0
    /// The root of the mean squared difference.
    public var rootMeanSquare = 0.0
    /// The root of the mean squared element of A: what the differences are to be seen against.
    public var scale = 0.0
    /// The largest magnitude in A.
    public var largest = 0.0
    /// The cosine of the angle between the two as vectors; 1 where both are zero.
    public var cosine = 1.0
    /// Elements that are not finite in one and something else in the other.
    public var nonFiniteMismatches = 0

    /// No difference over no elements.
    public init() {}

    /// Compares element by element.
    ///
    /// - Precondition: both have as many elements.
    public init(_ a: [Double], _ b: [Double]) {
        precondition(a.count == b.count, "as many elements on both sides")
        count = a.count
        var squares = 0.0
        var ownSquares = 0.0
        var otherSquares = 0.0
        var product = 0.0
        for (left, right) in zip(a, b) {
            guard left.isFinite, right.isFinite else {
                if left != right, !(left.isNaN && right.isNaN) { nonFiniteMismatches += 1 }
                continue
            }
            let difference = (left - right).magnitude
            maximumAbsolute = max(maximumAbsolute, difference)
            if left != 0 { maximumRelative = max(maximumRelative, difference / left.magnitude) }
            largest = max(largest, left.magnitude)
            squares += difference * difference
            ownSquares += left * left
            otherSquares += right * right
            product += left * right
        }
        let elements = Double(max(count, 1))
        rootMeanSquare = (squares / elements).squareRoot()
        scale = (ownSquares / elements).squareRoot()
        let lengths = (ownSquares * otherSquares).squareRoot()
        cosine = lengths > 0 ? min(1, product / lengths) : ownSquares == otherSquares ? 1 : 0
    }

    /// The root mean square difference as a share of A's own.
    public var relativeRootMeanSquare: Double { ratio(rootMeanSquare, scale) }

    /// The largest difference as a share of A's largest magnitude.
    public var relativeMaximum: Double { ratio(maximumAbsolute, largest) }

    /// One number for how far apart the two are, for comparison with a noise floor: the larger of the two shares; infinite
    /// where one is not finite and the other is.
    public var distance: Double {
        nonFiniteMismatches > 0 ? .infinity : max(relativeRootMeanSquare, relativeMaximum)
    }

    private func ratio(_ part: Double, _ whole: Double) -> Double {
        part == 0 ? 0 : whole == 0 ? .infinity : part / whole
    }
}

/// How many units in the last place of a float lie between two results.
public struct UnitsInLastPlace: Sendable, Hashable {
    /// Half of all elements are at most this far apart.
    public var median = 0
    /// 99 % of all elements are at most this far apart.
    public var percentile99 = 0
    /// No element is farther apart.
    public var maximum = 0

    /// Compares element by element.
    public init(_ a: [Float], _ b: [Float]) {
        var distances: [Int] = []
        distances.reserveCapacity(a.count)
        for (left, right) in zip(a, b) where left.isFinite && right.isFinite {
            distances.append(abs(UnitsInLastPlace.order(left) - UnitsInLastPlace.order(right)))
        }
        guard !distances.isEmpty else { return }
        distances.sort()
        median = distances[(distances.count - 1) / 2]
        percentile99 = distances[Int((Double(distances.count - 1) * 0.99).rounded(.up))]
        maximum = distances[distances.count - 1]
    }

    /// The place of a float in the order of all floats.
    private static func order(_ value: Float) -> Int {
        let bits = Int(Int32(bitPattern: value.bitPattern))
        return bits >= 0 ? bits : Int(Int32.min) - bits
    }
}
