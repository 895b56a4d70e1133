// safetensors, whole or in shards.

import AssayContainers

extension Format {
    /// safetensors.
    static let safetensors = Format(
        name: "safetensors", title: "safetensors", suffixes: [".safetensors"],
        recognises: { SafeTensorsFile.recognises($0.bytes) || $0.path.hasSuffix(".safetensors.index.json") },
        read: { (probe, graphFrom) throws(AssayError) in
            let content = try SafeTensorsFile.open(probe.path)
            return try PlainTensors(content, dialect: "safetensors", path: probe.path).model(graphFrom: graphFrom)
        },
        write: { (model, path, options) throws(AssayError) in
            try SafeTensorsFile.write(PlainTensors.content(of: model), to: path, pool: options.pool)
        })
}
