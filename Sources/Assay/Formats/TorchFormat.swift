// PyTorch checkpoints outside a Hugging Face folder: state dicts that torch.save wrote. They are read, never written.

import AssayContainers

extension Format {
    /// A state dict by torch.save.
    static let torch = Format(
        name: "torch", title: "PyTorch state dict",
        recognises: { TorchFile.recognises($0.bytes) },
        read: { (probe, graphFrom) throws(AssayError) in
            let content = try TorchFile.open(probe.path).content
            return try PlainTensors(content, dialect: "torch", path: probe.path).model(graphFrom: graphFrom)
        })
}
