// Where a model's inputs come from.

import ArgumentParser
import Assay

/// Inputs from a file, or made up.
struct InputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("An NPZ file with the inputs: in/NAME, or NAME.", valueName: "file"))
    var inputs: String?

    @Option(help: ArgumentHelp("Make up random inputs.", valueName: "seed"))
    var random: UInt64?

    @Option(help: ArgumentHelp("How many samples to make up.", valueName: "count"))
    var batch = 2

    func validate() throws {
        if inputs != nil, random != nil { throw ValidationError("--inputs and --random exclude each other") }
        guard (1...1 << 20).contains(batch) else { throw ValidationError("--batch must be from 1 to 1,048,576") }
    }

    /// Where the inputs come from; nil where the user says nothing.
    var source: InputSource? {
        if let inputs { return .file(inputs) }
        return random.map { .random(seed: $0, batch: batch) }
    }
}
