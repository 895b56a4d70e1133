// Finds values of B that equal a value of A in numbers, under every input that was tried, whatever their shape and order of
// axes: by a few numbers that survive transposition first, then element by element.

import AssayGraph
import AssayTensors
import Glibc

/// A few numbers about a value that do not change when its elements change places.
private struct Fingerprint {
    let count: Int
    let moments: [Double]

    init(_ tensors: [Tensor]) throws(AssayError) {
        var count = 0
        var sums = [0.0, 0.0, 0.0, 0.0]
        for tensor in tensors {
            count += tensor.shape.count
            for value in try tensor.doubles() {
                sums[0] += value
                sums[1] += value.magnitude
                sums[2] += value * value
                sums[3] += value * value * value
            }
        }
        self.count = count
        let n = Double(max(count, 1))
        // All in the unit of the values, so that one bound fits all.
        moments = [sums[0] / n, sums[1] / n, (sums[2] / n).squareRoot(), cbrt(sums[3] / n)]
    }

    func isClose(to other: Fingerprint, within tolerance: Double) -> Bool {
        guard count == other.count else { return false }
        let scale = max(moments[2], other.moments[2])
        return zip(moments, other.moments).allSatisfy {
            // A cube root magnifies small differences of a small number.
            ($0 - $1).magnitude <= max(tolerance, 1e-6) * 100 * scale || $0 == $1
        }
    }
}

/// Matches values by what they are in numbers.
struct NumericMatcher: ValueMatcher {
    private let valuesOfA: RecordedValues
    private let valuesOfB: RecordedValues
    private let floor: NoiseFloor
    private let fingerprintsOfB: [(value: ValueID, fingerprint: Fingerprint)]

    init(_ a: RecordedValues, _ b: RecordedValues, floor: NoiseFloor) throws(AssayError) {
        valuesOfA = a
        valuesOfB = b
        self.floor = floor
        var fingerprints: [(value: ValueID, fingerprint: Fingerprint)] = []
        for value in b.keys.sorted() {
            if let tensors = b[value] { fingerprints.append((value, try Fingerprint(tensors))) }
        }
        fingerprintsOfB = fingerprints
    }

    mutating func counterpart(of value: ValueID) throws(AssayError) -> ValueID? {
        guard let mine = valuesOfA[value] else { return nil }
        let tolerance = floor.tolerance(at: value)
        let fingerprint = try Fingerprint(mine)
        for candidate in fingerprintsOfB where candidate.fingerprint.isClose(to: fingerprint, within: tolerance) {
            guard let theirs = valuesOfB[candidate.value] else { continue }
            if let difference = try Difference(mine, theirs), difference.distance <= tolerance {
                return candidate.value
            }
        }
        return nil
    }
}

/// Matches nothing: for models that cannot be run.
struct NoMatcher: ValueMatcher {
    mutating func counterpart(of value: ValueID) throws(AssayError) -> ValueID? { nil }
}
