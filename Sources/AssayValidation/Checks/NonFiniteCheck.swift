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
            let values = try model.value(of: parameter).floats()
            if let index = values.firstIndex(where: \.isNaN) {
                findings.append(finding(parameter, .error, "holds NaN", values.count(where: \.isNaN), index))
            }
            if let index = values.firstIndex(where: \.isInfinite) {
                findings.append(
                    finding(parameter, .warning, "holds infinities", values.count(where: \.isInfinite), index))
            }
            if parameter.role.hasSuffix("variance"), let index = values.firstIndex(where: { $0 < 0 }) {
                findings.append(
                    finding(parameter, .error, "a variance is negative", values.count { $0 < 0 }, index))
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
