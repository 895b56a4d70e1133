// assay verify: whether two files hold the same model.

import ArgumentParser
import Assay
import AssayReports

/// Compares two models, or a model with what a framework recorded.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Proves that two files hold the same model, or names the first layer that differs.",
        discussion: """
            No tolerance is needed: the noise of rounding is measured. Exit status 1 when the models differ.

            Examples:
              assay verify old.h5 new.keras
              assay verify model.keras --golden golden.npz
            """)

    /// Verdicts that end with status 1.
    enum Strictness: String, ExpressibleByArgument, CaseIterable {
        case different, equivalent
    }

    @OptionGroup var model: ModelOptions

    @Argument(help: "The other model file.")
    var other: String?

    @Option(help: ArgumentHelp("An NPZ file with recorded values: in/NAME, out/NAME, layer/PATH.", valueName: "file"))
    var golden: String?

    @Option(help: ArgumentHelp("An NPZ file with inputs to compare on; random ones unless given.", valueName: "file"))
    var inputs: String?

    @Option(help: "Outputs count as equal where |a − b| ≤ atol + rtol · |b| for every element, as in NumPy.")
    var atol: Double?

    @Option(help: "The part of the tolerance per unit of B's element; 0 unless given.")
    var rtol: Double?

    @Option(help: ArgumentHelp("A file for the report as JUnit XML: one test case a layer.", valueName: "file"))
    var junit: String?

    @Option(help: "Which verdict ends with exit status 1: different, or also equivalent.")
    var failOn = Strictness.different

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard (other == nil) != (golden == nil) else {
            throw ValidationError("give either another model file or --golden FILE")
        }
        guard [atol, rtol].allSatisfy({ $0.map { $0 >= 0 } ?? true }) else {
            throw ValidationError("--atol and --rtol must not be negative")
        }
    }

    func run() throws {
        let report = try compare()
        if let junit { try Output.file(junit) { try Output.write(report.junit, toFile: $0) } }
        Output.show(report, format)
        let isFailure = failOn == .different ? report.verdict == .different : report.verdict != .equal
        if isFailure { throw FindingsStatus() }
    }

    private func compare() throws(AssayError) -> EquivalenceReport {
        let first = try model.open()
        if let golden { return try first.verify(againstGolden: golden, tolerance: tolerance, threads: threads.pool) }
        let second = try Model.open(other ?? "", graphFrom: model.graphFrom)
        return try first.verify(
            against: second, inputs: inputs.map { .file($0) }, tolerance: tolerance, threads: threads.pool)
    }

    /// The tolerance, where the user gives one.
    private var tolerance: OutputTolerance? {
        atol == nil && rtol == nil ? nil : OutputTolerance(absolute: atol ?? 0, relative: rtol ?? 0)
    }
}
