// Tensors that stand in the file twice.

import AssayGraph
import AssayTensors

/// Looks for parameters of different layers with the same bits: copied by mistake, or tied.
public struct DuplicateTensorCheck: Check {
    /// What it finds.
    public static let summary = "two layers whose weights are the same bit for bit"

    /// Smaller tensors are equal by chance or by initialisation.
    private static let smallestCount = 16

    /// A check.
    public init() {}

    /// One note for each further copy.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        let model = subject.model
        var seen: [Shape: [Parameter]] = [:]
        var findings: [Finding] = []
        for parameter in model.parameters where parameter.shape.count >= DuplicateTensorCheck.smallestCount {
            guard parameter.sources.allSatisfy({ model.tensors[$0] != nil }), try !isConstant(parameter, model) else {
                continue
            }
            let value = try model.stored(parameter)
            for other in seen[parameter.shape] ?? [] where other.sources != parameter.sources {
                guard try model.stored(other).isBitEqual(to: value) else { continue }
                findings.append(
                    Finding(
                        code: "duplicate-tensor", severity: .note, layer: parameter.path,
                        message: "has the same bits as \(other.path)", witnesses: other.sources + parameter.sources))
                break
            }
            seen[parameter.shape, default: []].append(parameter)
        }
        return findings
    }

    /// Whether all elements are the same: initialised, not trained.
    private func isConstant(_ parameter: Parameter, _ model: Model) throws(AssayError) -> Bool {
        let size = parameter.type.byteCount
        let value = try model.stored(parameter).elements()
        var first: [UInt8]?
        for range in value.partRanges() {
            let part = try value.part(range)
            let start = try part.slice(at: 0, count: size).array
            // Bytes that equal themselves one element further on repeat their first element.
            let (left, right) = (try part.slice(0..<part.count - size), try part.slice(size..<part.count))
            guard start == first ?? start, left.isEqual(to: right) else { return false }
            first = first ?? start
            part.release()
        }
        return true
    }
}
