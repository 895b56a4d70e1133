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

    /// A folder with `model.safetensors`.
    static let huggingFaceSafetensors = huggingFace(.safetensors, title: "Hugging Face folder for PyTorch")
    /// A folder with `tf_model.h5`.
    static let huggingFaceTensorFlow = huggingFace(.tensorFlow, title: "Hugging Face folder for TensorFlow")

    private static func huggingFace(_ dialect: HuggingFaceDialect, title: String) -> Format {
        Format(
            name: dialect.rawValue, title: title,
            mapping: { (model) throws(AssayError) in
                try HuggingFaceWriter(model, as: dialect).entries.map {
                    TensorMapping(target: $0.name, sources: $0.sources, view: $0.view)
                }
            },
            leftOut: { (model) throws(AssayError) in try HuggingFaceWriter(model, as: dialect).leftOut() },
            folder: FolderContent(weights: dialect.fileName, names: HuggingFaceWriter.fileNames(of: dialect)),
            write: { (model, path, options) throws(AssayError) in
                try HuggingFaceWriter(model, as: dialect).write(toFolder: path, pool: options.pool)
            })
    }
}
