// Parameters whose stored tensors do not give the value that the layer uses.

import AssayGraph
import AssayTensors

/// Applies every parameter's view to the shapes of its stored tensors.
public struct ParameterShapeCheck: Check {
    /// What it finds.
    public static let summary = "stored tensors that are missing or do not have the shape that their layer uses"

    /// A check.
    public init() {}

    /// One error for each parameter that cannot be had from the file.
    public func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding] {
        let model = subject.model
        return model.parameters.compactMap { parameter in
            let stored = parameter.sources.map { model.tensors[$0]?.shape }
            guard !stored.contains(nil) else {
                let missing = zip(parameter.sources, stored).filter { $0.1 == nil }.map(\.0)
                return Finding(
                    code: "missing-tensor", severity: .error, layer: parameter.path,
                    message: "the file lacks its tensor",
                    expected: missing.joined(separator: ", "))
            }
            do throws(AssayError) {
                let shape = try parameter.view.shape(of: stored.compactMap { $0 })
                guard shape != parameter.shape else { return nil }
                return Finding(
                    code: "parameter-shape", severity: .error, layer: parameter.path,
                    message: "the stored tensor has another shape", expected: parameter.shape.description,
                    found: shape.description, witnesses: parameter.sources)
            } catch {
                return Finding(
                    code: "parameter-shape", severity: .error, layer: parameter.path, message: error.message,
                    witnesses: parameter.sources)
            }
        }
    }
}
