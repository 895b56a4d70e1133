// assay validate: whether a model is sound.

import ArgumentParser
import Assay
import AssayReports

/// Checks a model.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks that a model is sound.",
        discussion: """
            Checks the shapes along every edge, attention heads, residuals, normalisations and tables, looks for unused, \
            missing, non-finite and duplicated tensors, and solves the dimensions of the architecture that it recognises. \
            Exit status 1 when there are errors.

            Examples:
              assay validate model.h5
              assay validate model.keras --spec transformer-encoder --json
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("The architecture that it must be.", valueName: "name"))
    var spec: String?

    @OptionGroup var format: FormatOptions

    func run() throws {
        let report = try model.open().validate(as: spec)
        Output.show(report, format)
        if !report.isSound { throw FindingsStatus() }
    }
}
