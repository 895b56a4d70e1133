// Weights that are not finite numbers, and variances below zero.

import AssayGraph
import AssayTensors

/// Looks at every floating-point parameter.
public struct NonFiniteCheck: Check {
    /// What it finds.
    public static let summary = "NaN and infinity among the weights, and negative variances"

    /// A check.
    public init() {}

    /// Errors for NaN and negative variance, warnings for infinities.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        let model = subject.model
        var findings: [Finding] = []
        for parameter in model.parameters where parameter.type.isFloatingPoint {
            guard parameter.sources.allSatisfy({ model.tensors[$0] != nil }) else { continue }
            let isVariance = parameter.role.hasSuffix("variance")
            let tally = try Tally(model.stored(parameter).elements(), countsNegative: isVariance)
            if let index = tally.nan.first {
                findings.append(finding(parameter, .error, "holds NaN", tally.nan.count, index))
            }
            if let index = tally.infinite.first {
                findings.append(finding(parameter, .warning, "holds infinities", tally.infinite.count, index))
            }
            if let index = tally.negative.first {
                findings.append(finding(parameter, .error, "a variance is negative", tally.negative.count, index))
            }
        }
        return findings
    }

    private func finding(
        _ parameter: Parameter, _ severity: Finding.Severity, _ message: String, _ count: Int, _ first: Int
    ) -> Finding {
        Finding(
            code: "non-finite", severity: severity, layer: parameter.path, message: message,
            found: "\(count) of \(parameter.shape.count) elements, the first at index \(first)",
            witnesses: parameter.sources)
    }
}

/// How many elements of a tensor are no numbers, infinite or negative, and where the first ones stand.
private struct Tally {
    /// Elements of one kind.
    struct Kind {
        var count = 0
        var first: Int?

        mutating func add(_ index: Int) {
            count += 1
            first = first ?? index
        }
    }

    var nan = Kind()
    var infinite = Kind()
    var negative = Kind()
    private let countsNegative: Bool

    /// Counts part by part, and gives the memory of a mapped file back behind it: checkpoints are larger than memory.
    init(_ tensor: Tensor, countsNegative: Bool) throws(AssayError) {
        self.countsNegative = countsNegative
        let size = tensor.type.byteCount
        try tensor.forEachPart { (offset, bytes) throws(AssayError) in
            let part = try Tensor(type: tensor.type, shape: [bytes.count / size], region: bytes)
            count(try part.floats(), from: offset / size)
            bytes.release()
        }
    }

    private mutating func count(_ values: [Float], from start: Int) {
        // Nearly always there is nothing to count, and a loop without branches finds that out fastest.
        var unusual = 0
        for value in values { unusual &+= value.isFinite ? 0 : 1 }
        guard unusual > 0 || countsNegative else { return }
        for (index, value) in values.enumerated() {
            if value.isNaN { nan.add(start + index) }
            if value.isInfinite { infinite.add(start + index) }
            if countsNegative, value < 0 { negative.add(start + index) }
        }
    }
}
