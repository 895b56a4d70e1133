// Validating and comparing models.

import AssayContainers
@_exported import AssayEquivalence
@_exported import AssayValidation
import OrderedCollections

extension Model {
    /// Checks the model: shapes along every edge, attention, residuals, normalisations, tables, tensors, and the architecture
    /// that it is recognised as.
    ///
    /// - Parameter specification: the architecture it must be; nil to recognise it.
    /// - Throws: `AssayError.usage` for an unknown architecture, `AssayError.unreadable` when a tensor cannot be decoded.
    public func validate(as specification: String? = nil) throws(AssayError) -> ValidationReport {
        try Validator().validate(self, as: specification)
    }

    /// Says whether two models are the same function, and which layer is the first that differs.
    ///
    /// - Parameter inputs: inputs to compare on; random ones where it is nil.
    /// - Throws: `AssayError.usage` when the inputs do not fit.
    public func verify(
        against other: Model, inputs: InputSource? = nil, threads: ThreadPool = ThreadPool()
    ) throws(AssayError) -> EquivalenceReport {
        let tensors: OrderedDictionary<String, Tensor> = if let inputs { try inputs.tensors(for: self) } else { [:] }
        return try Verifier(threads: threads).verify(self, other, inputs: tensors)
    }

    /// Says whether the model computes what was recorded in an NPZ file (`in/NAME`, `out/NAME`, `layer/PATH`).
    ///
    /// - Throws: `AssayError.usage` when the inputs do not fit, `AssayError.notRunnable` for opaque layers.
    public func verify(
        againstGolden path: String, threads: ThreadPool = ThreadPool()
    ) throws(AssayError) -> EquivalenceReport {
        try GoldenVerifier(threads: threads).verify(self, golden: NPZFile.open(path).tensors)
    }
}

extension EquivalenceReport {
    /// The report under a tolerance that the user gives: `equivalent` where every output agrees within it.
    ///
    /// - Parameters:
    ///   - absolute: the largest difference.
    ///   - relative: the largest difference per unit of the largest magnitude.
    public func tolerating(absolute: Double, relative: Double) -> EquivalenceReport {
        guard verdict == .different, !outputs.isEmpty else { return self }
        let isWithin = outputs.allSatisfy { output in
            output.difference.nonFiniteMismatches == 0
                && output.difference.maximumAbsolute <= absolute + relative * output.difference.largest
        }
        guard isWithin else { return self }
        var report = self
        report.verdict = .equivalent
        report.firstLayer = nil
        report.summary = "within the tolerance that was given; otherwise: \(summary)"
        return report
    }
}
