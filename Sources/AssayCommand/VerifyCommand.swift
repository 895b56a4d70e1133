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

    @Option(help: "The largest difference of an output that is allowed.")
    var atol: Double?

    @Option(help: "The same per unit of the output's largest magnitude.")
    var rtol: Double?

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
        var report = try compare()
        if atol != nil || rtol != nil { report = report.tolerating(absolute: atol ?? 0, relative: rtol ?? 0) }
        Output.show(report, format)
        let isFailure = failOn == .different ? report.verdict == .different : report.verdict != .equal
        if isFailure { throw FindingsStatus() }
    }

    private func compare() throws(AssayError) -> EquivalenceReport {
        let first = try model.open()
        if let golden { return try first.verify(againstGolden: golden, threads: threads.pool) }
        let second = try Model.open(other ?? "", graphFrom: model.graphFrom)
        return try first.verify(against: second, inputs: inputs.map { .file($0) }, threads: threads.pool)
    }
}
