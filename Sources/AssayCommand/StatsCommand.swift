// assay stats: what a model's layers put out.

import ArgumentParser
import Assay
import AssayReports

/// Shows statistics of a model's activations.
struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Shows statistics of what each layer puts out.",
        discussion: """
            Inputs come from an NPZ file in batches, or are made up. Statistics that were written with --json can be \
            added up, exactly.

            Examples:
              assay stats model.keras --inputs in.npz
              assay stats model.h5 --random 1 --batch 64 --json > part1.json
              assay stats --merge part1.json part2.json
            """)

    @Argument(help: "The model file; with --merge the files to add up.")
    var files: [String]

    @Option(help: "The file that has the architecture, for one that holds weights alone.")
    var graphFrom: String?

    @Flag(help: "Add up statistics that were written with --json.")
    var merge = false

    @OptionGroup var inputs: InputOptions

    @Option(help: ArgumentHelp("How many samples run at once.", valueName: "count"))
    var batchSize = 32

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        if merge, inputs.source != nil { throw ValidationError("--merge takes no inputs") }
        if !merge, files.count != 1 { throw ValidationError("one model file, found \(files.count)") }
        guard batchSize > 0 else { throw ValidationError("--batch-size must be at least 1") }
    }

    func run() throws {
        guard let file = files.first else { return }
        if merge {
            if let merged = try ModelStatistics.merging(files) { Output.show(merged, format) }
            return
        }
        let model = try Model.open(file, graphFrom: graphFrom)
        let source = inputs.source ?? .random(seed: 1, batch: inputs.batch)
        Output.show(try model.statistics(source, batchSize: batchSize, threads: threads.pool), format)
    }
}
