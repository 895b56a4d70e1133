// Options that several commands take.

import ArgumentParser
import Assay

/// The model file, and where its architecture is when it holds weights alone.
struct ModelOptions: ParsableArguments {
    @Argument(
        help: "The model: HDF5, .keras, safetensors, ZTEN, NPZ, PyTorch or a Hugging Face folder, by its content.")
    var file: String

    @Option(help: "The file that has the architecture, for one that holds weights alone: model.json, .keras or .h5.")
    var graphFrom: String?

    /// Reads the model.
    func open() throws(AssayError) -> Model { try Model.open(file, graphFrom: graphFrom) }
}

/// Machine-readable results.
struct FormatOptions: ParsableArguments {
    @Flag(help: "Results and errors as JSON.")
    var json = false
}

/// How many threads work.
struct ThreadOptions: ParsableArguments {
    @Option(help: "How many threads work; as many as there are processors unless given.")
    var threads: Int?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads \(threads): must be at least 1") }
    }

    /// The threads.
    var pool: ThreadPool { ThreadPool(threads: threads) }
}
