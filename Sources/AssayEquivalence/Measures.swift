// How far two arrays of numbers are apart, in the measures that a report shows.

import AssayOperators
import CKernels

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
    /// Elements outside of the tolerance that the user gives; 0 where none is given.
    public var outsideTolerance = 0

    /// No difference over no elements.
    public init() {}

    /// Compares element by element.
    ///
    /// - Precondition: both have as many elements.
    public init(_ a: [Double], _ b: [Double]) { self.init(DifferenceSums(a, b)) }

    /// What sums over the elements say.
    init(_ sums: DifferenceSums) {
        count = Int(sums.count)
        maximumAbsolute = sums.maximumAbsolute
        maximumRelative = sums.maximumRelative
        largest = sums.largest
        nonFiniteMismatches = Int(sums.nonFiniteMismatches)
        outsideTolerance = Int(sums.outsideTolerance)
        let elements = max(sums.count, 1)
        rootMeanSquare = (sums.squares / elements).squareRoot()
        scale = (sums.ownSquares / elements).squareRoot()
        let lengths = (sums.ownSquares * sums.otherSquares).squareRoot()
        cosine = lengths > 0 ? min(1, sums.product / lengths) : sums.ownSquares == sums.otherSquares ? 1 : 0
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

/// NumPy's tolerance: elements agree where |a − b| ≤ absolute + relative · |b|.
public struct OutputTolerance: Sendable, Hashable, Codable {
    /// The part that does not depend on the element.
    public var absolute: Double
    /// The part per unit of the element of B.
    public var relative: Double

    /// A tolerance.
    public init(absolute: Double, relative: Double) {
        self.absolute = absolute
        self.relative = relative
    }
}

/// What one pass over two arrays gathers; those of several pairs add up.
struct DifferenceSums: Sendable, Hashable {
    var count = 0.0
    var maximumAbsolute = 0.0
    var maximumRelative = 0.0
    var largest = 0.0
    var squares = 0.0
    var ownSquares = 0.0
    var otherSquares = 0.0
    var product = 0.0
    var nonFiniteMismatches = 0.0
    var outsideTolerance = 0.0

    init() {}

    init(_ a: [Double], _ b: [Double], tolerance: OutputTolerance? = nil) {
        precondition(a.count == b.count, "as many elements on both sides")
        self = a.withUnsafeBufferPointer { mine in
            b.withUnsafeBufferPointer { theirs in DifferenceSums(mine, theirs, tolerance: tolerance) }
        }
    }

    init<Scalar: FastScalar>(
        _ a: UnsafeBufferPointer<Scalar>, _ b: UnsafeBufferPointer<Scalar>, tolerance: OutputTolerance?
    ) {
        count = Double(a.count)
        var index = 0
        let common = min(a.count, b.count)
        while index < common {
            if tolerance == nil { index += addFinite(a, b, index..<common) }
            // What is not finite, the last elements, and all where a tolerance is given: one by one.
            for index in index..<min(index + 4, common) { add(Double(a[index]), Double(b[index]), tolerance) }
            index += 4
        }
    }

    /// Adds elements four at a time as long as they are finite, and says how many it added.
    private mutating func addFinite<Scalar: FastScalar>(
        _ a: UnsafeBufferPointer<Scalar>, _ b: UnsafeBufferPointer<Scalar>, _ range: Range<Int>
    ) -> Int {
        guard let mine = a.baseAddress, let theirs = b.baseAddress else { return 0 }
        let (left, right) = (UnsafeRawPointer(mine + range.lowerBound), UnsafeRawPointer(theirs + range.lowerBound))
        var found = assay_difference()
        let added =
            Scalar.self == Float.self
            ? assay_add_float_differences(
                left.assumingMemoryBound(to: Float.self), right.assumingMemoryBound(to: Float.self), range.count, &found
            )
            : assay_add_double_differences(
                left.assumingMemoryBound(to: Double.self), right.assumingMemoryBound(to: Double.self), range.count,
                &found)
        merge(DifferenceSums(found))
        return added
    }

    /// What the kernel found, without the count.
    private init(_ found: assay_difference) {
        maximumAbsolute = found.maximum_absolute
        maximumRelative = found.maximum_relative
        largest = found.largest
        squares = found.squares
        ownSquares = found.own_squares
        otherSquares = found.other_squares
        product = found.product
    }

    private mutating func add(_ left: Double, _ right: Double, _ tolerance: OutputTolerance?) {
        guard left.isFinite, right.isFinite else {
            if left != right, !(left.isNaN && right.isNaN) {
                nonFiniteMismatches += 1
                if tolerance != nil { outsideTolerance += 1 }
            }
            return
        }
        let difference = (left - right).magnitude
        if difference > 0 {
            maximumAbsolute = max(maximumAbsolute, difference)
            if left != 0 { maximumRelative = max(maximumRelative, difference / left.magnitude) }
            squares += difference * difference
            if let tolerance, difference > tolerance.absolute + tolerance.relative * right.magnitude {
                outsideTolerance += 1
            }
        }
        largest = max(largest, left.magnitude)
        ownSquares += left * left
        otherSquares += right * right
        product += left * right
    }

    /// Adds what another pair of arrays gave.
    mutating func merge(_ other: DifferenceSums) {
        count += other.count
        maximumAbsolute = max(maximumAbsolute, other.maximumAbsolute)
        maximumRelative = max(maximumRelative, other.maximumRelative)
        largest = max(largest, other.largest)
        squares += other.squares
        ownSquares += other.ownSquares
        otherSquares += other.otherSquares
        product += other.product
        nonFiniteMismatches += other.nonFiniteMismatches
        outsideTolerance += other.outsideTolerance
    }

    /// The sums as numbers in a row, for a value of a graph.
    var vector: [Double] {
        [
            count, maximumAbsolute, maximumRelative, largest, squares, ownSquares, otherSquares, product,
            nonFiniteMismatches, outsideTolerance,
        ]
    }

    /// The sums that `vector` wrote.
    init(vector: [Double]) {
        precondition(vector.count == DifferenceSums.width, "a row of sums")
        count = vector[0]
        maximumAbsolute = vector[1]
        maximumRelative = vector[2]
        largest = vector[3]
        squares = vector[4]
        ownSquares = vector[5]
        otherSquares = vector[6]
        product = vector[7]
        nonFiniteMismatches = vector[8]
        outsideTolerance = vector[9]
    }

    /// How many numbers `vector` has.
    static let width = 10
}

/// How many units in the last place of a float lie between two results.
public struct UnitsInLastPlace: Sendable, Hashable {
    /// Half of all elements are at most this far apart.
    public var median = 0
    /// 99 % of all elements are at most this far apart.
    public var percentile99 = 0
    /// No element is farther apart.
    public var maximum = 0

    /// No distance.
    public init() {}

    /// Compares element by element.
    public init(_ a: [Float], _ b: [Float]) {
        self = a.withUnsafeBufferPointer { mine in
            b.withUnsafeBufferPointer { theirs in UnitsInLastPlace(mine, theirs) }
        }
    }

    /// Distances are mostly small: those are counted, and among the others the wanted ones are looked for.
    init(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) {
        var counts = [Int](repeating: 0, count: 1 << 10)
        var large: [Int] = []
        var total = 0
        for index in 0..<min(a.count, b.count) where a[index].isFinite && b[index].isFinite {
            let distance = abs(UnitsInLastPlace.order(a[index]) - UnitsInLastPlace.order(b[index]))
            if distance < counts.count { counts[distance] += 1 } else { large.append(distance) }
            total += 1
        }
        guard total > 0 else { return }
        func element(_ rank: Int) -> Int {
            var seen = 0
            for (distance, count) in counts.enumerated() {
                seen += count
                if rank < seen { return distance }
            }
            return large.element(ofRank: rank - seen)
        }
        median = element((total - 1) / 2)
        percentile99 = element(Int((Double(total - 1) * 0.99).rounded(.up)))
        maximum = element(total - 1)
    }

    /// The distances of several pairs of arrays: the largest of each kind.
    mutating func merge(_ other: UnitsInLastPlace) {
        median = max(median, other.median)
        percentile99 = max(percentile99, other.percentile99)
        maximum = max(maximum, other.maximum)
    }

    /// The place of a float in the order of all floats.
    private static func order(_ value: Float) -> Int {
        let bits = Int(Int32(bitPattern: value.bitPattern))
        return bits >= 0 ? bits : Int(Int32.min) - bits
    }
}

extension [Int] {
    /// The element that would stand at `rank` in ascending order (Hoare's selection). The elements change places.
    fileprivate mutating func element(ofRank rank: Int) -> Int {
        var (low, high) = (0, count - 1)
        while low < high {
            let pivot = self[low + (high - low) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while self[left] < pivot { left += 1 }
                while self[right] > pivot { right -= 1 }
                guard left <= right else { break }
                swapAt(left, right)
                left += 1
                right -= 1
            }
            if rank <= right {
                high = right
            } else if rank >= left {
                low = left
            } else {
                break
            }
        }
        return self[rank]
    }
}
