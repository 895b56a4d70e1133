// Validating and comparing models.

@_exported import AssayArchitectures
import AssayContainers
@_exported import AssayEquivalence
@_exported import AssayValidation
import OrderedCollections

extension Model {
    /// What the checkpoint is that the model was read from, with its dimensions; nil for a model that has its graph from its
    /// own file, and for what nothing fits.
    ///
    /// - Throws: `AssayError.unreadable` when a specification of Assay's own breaks its schema.
    public func recognisedCheckpoint() throws(AssayError) -> Recognition? {
        // Asked first: the specifications need not be read for a model that brings its graph.
        guard isCheckpoint else { return nil }
        return try SpecificationLibrary.builtIn().recogniseCheckpoint(self)
    }

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
    /// - Parameters:
    ///   - inputs: inputs to compare on; random ones where it is nil.
    ///   - tolerance: outputs within it count as equal; nil to measure what is noise.
    /// - Throws: `AssayError.usage` when the inputs do not fit.
    public func verify(
        against other: Model, inputs: InputSource? = nil, tolerance: OutputTolerance? = nil,
        threads: ThreadPool = ThreadPool()
    ) throws(AssayError) -> EquivalenceReport {
        let tensors: OrderedDictionary<String, Tensor> = if let inputs { try inputs.tensors(for: self) } else { [:] }
        return try Verifier(threads: threads, tolerance: tolerance).verify(self, other, inputs: tensors)
    }

    /// Says whether the model computes what was recorded in an NPZ file (`in/NAME`, `out/NAME`, `layer/PATH`).
    ///
    /// - Parameter tolerance: outputs within it count as equal; nil to measure what is noise.
    /// - Throws: `AssayError.usage` when the inputs do not fit, `AssayError.notRunnable` for opaque layers.
    public func verify(
        againstGolden path: String, tolerance: OutputTolerance? = nil, threads: ThreadPool = ThreadPool()
    ) throws(AssayError) -> EquivalenceReport {
        try GoldenVerifier(threads: threads, tolerance: tolerance).verify(self, golden: NPZFile.open(path).tensors)
    }
}
