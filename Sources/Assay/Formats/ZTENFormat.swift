// ZTEN: compressed safetensors with the graph inside.

import AssayContainers

extension Format {
    /// ZTEN.
    static let zten = Format(
        name: "zten", title: "ZTEN", suffixes: [".zten"],
        recognises: { ZTENFile.recognises($0.bytes) },
        read: { (probe, graphFrom) throws(AssayError) in
            let content = try ZTENFile.open(probe.path)
            return try PlainTensors(content, dialect: "zten", path: probe.path, keys: .zten).model(graphFrom: graphFrom)
        },
        write: { (model, path, options) throws(AssayError) in
            let content = try PlainTensors.content(of: model, keys: .zten)
            try ZTENFile.write(content, to: path, plain: options.isPlain, pool: options.pool)
        })
}
