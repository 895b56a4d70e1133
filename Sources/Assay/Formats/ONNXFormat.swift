// ONNX: a graph with its weights in one file, or with weights in files beside it.

import AssayContainers
import AssayONNX

extension Format {
    /// A model in ONNX. It has its graph itself, so that none is taken from elsewhere.
    static let onnx = Format(
        name: "onnx", title: "ONNX",
        recognises: { ONNXReader.recognises($0.bytes) },
        read: { (probe, graphFrom) throws(AssayError) in
            guard let graphFrom else { return try ONNXReader.read(path: probe.path) }
            let weights = try ONNXReader.read(path: probe.path)
            return try PlainTensors(
                NamedTensors(weights.tensors), dialect: ONNXReader.dialect, path: probe.path
            ).model(graphFrom: graphFrom)
        })
}
