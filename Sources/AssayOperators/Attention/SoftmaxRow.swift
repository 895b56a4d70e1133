// Softmax of one row of scores, in place.

import Glibc

/// Replaces scores by eˣ over its sum.
func softmaxRow<Scalar: FastScalar>(_ scores: UnsafeMutablePointer<Scalar>, count: Int) {
    guard count > 0 else { return }
    var greatest = scores[0]
    for column in 1..<count { greatest = max(greatest, scores[column]) }
    var sum: Scalar = 0
    for column in 0..<count {
        scores[column] = Scalar(exp(Double(scores[column] - greatest)))
        sum += scores[column]
    }
    for column in 0..<count { scores[column] /= sum }
}
