// Hugging Face checkpoints: a folder, or a file of one beside its config.json.

import AssayContainers
import AssayHuggingFace

extension Format {
    /// A checkpoint of transformers, in any of its dialects.
    static let huggingFace = Format(
        name: "huggingface", title: "Hugging Face folder",
        recognises: { HuggingFaceReader.recognises(path: $0.path) },
        read: { (probe, graphFrom) throws(AssayError) in
            guard let graphFrom else { return try HuggingFaceReader.read(path: probe.path) }
            if HuggingFaceReader.isConfiguration(path: graphFrom) {
                return try HuggingFaceReader.read(path: probe.path, configurationPath: graphFrom)
            }
            // The weights of a checkpoint in another model, which must have parameters of their names.
            let weights = try HuggingFaceReader.read(path: probe.path)
            return try PlainTensors(
                NamedTensors(weights.tensors), dialect: weights.provenance.dialect, path: probe.path
            ).model(graphFrom: graphFrom)
        })
}
