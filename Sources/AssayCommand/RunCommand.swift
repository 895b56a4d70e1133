// assay run: a model's outputs for given inputs.

import ArgumentParser
import Assay
import AssayReports

/// Runs a model.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a model and writes what it computes.",
        discussion: """
            Outputs are entries out/NAME of an NPZ file, layer outputs layer/PATH. Without --output the outputs are \
            shown. Where the inputs' file has recorded outputs under other names, as many and of the same shapes, its names \
            are taken: exporters rename outputs and keep their order.

            Examples:
              assay run model.keras --inputs in.npz --output out.npz --layers
              assay run model.h5 --random 1
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var inputs: InputOptions

    @Option(help: ArgumentHelp("The NPZ file to write; - for standard output.", valueName: "file"))
    var output: String?

    @Flag(help: "Record the output of every layer.")
    var layers = false

    @Flag(help: "Compute by the operators' definitions in binary64, slowly.")
    var reference = false

    @Flag(help: "Compute in binary64, as float64 models always do.")
    var double = false

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        if inputs.source == nil { throw ValidationError("inputs are needed: --inputs FILE or --random SEED") }
    }

    func run() throws {
        guard let source = inputs.source else { return }
        let result = try model.open().run(
            source, precision: reference ? .reference : double ? .double : nil, recordsLayers: layers,
            threads: threads.pool)
        if let output {
            try Output.file(output) { try result.write(to: $0) }
        } else {
            Output.show(try RunReport(result), format)
        }
    }
}
