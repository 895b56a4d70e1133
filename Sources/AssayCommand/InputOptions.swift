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

    @Option(help: ArgumentHelp("How long to make axes that the model leaves open.", valueName: "count"))
    var length = 16

    func validate() throws {
        if inputs != nil, random != nil { throw ValidationError("--inputs and --random exclude each other") }
        guard (1...1 << 20).contains(batch), (1...1 << 20).contains(length) else {
            throw ValidationError("--batch and --length must be at least 1 and at most 1,048,576")
        }
    }

    /// Where the inputs come from; nil where the user says nothing.
    var source: InputSource? {
        if let inputs { return .file(inputs) }
        return random.map { .random(RandomInputs(seed: $0, batch: batch, length: length)) }
    }
}
