// `assay run` without a file to write: what came out.

import AssayExecution
import AssayTensors

/// The outputs of a run, and of its layers where they were recorded.
public struct RunReport: Report {
    private let tensors: [TensorReport]
    /// The reports on all tensors by entry name.
    public let json: JSON

    /// The report on a run.
    ///
    /// - Throws: `AssayError` when a tensor cannot be read.
    public init(_ result: RunResult) throws(AssayError) {
        var tensors: [TensorReport] = []
        for (name, tensor) in result.entries {
            tensors.append(try TensorReport(name: name, tensor: tensor, slice: nil))
        }
        self.tensors = tensors
        json = .array(tensors.map(\.json))
    }

    /// Statistics, a histogram and the first values of each.
    public func text(on terminal: Terminal) -> String {
        tensors.map { $0.text(on: terminal) }.joined(separator: "\n")
    }
}
