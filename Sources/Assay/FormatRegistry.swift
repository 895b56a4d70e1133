// All formats, one entry each. The first that recognises a file reads it.

import AssayContainers

/// The formats that Assay knows.
public enum FormatRegistry {
    /// Every format, in the order in which they are tried.
    public static let all: [Format] = [
        Format(
            name: "npz", title: "NPZ", suffixes: [".npz"],
            recognises: { $0.isZip },
            read: { (probe, _) throws(AssayError) in
                try PlainTensors.model(of: NPZFile.open(probe.path), dialect: "npz", path: probe.path)
            },
            write: { (model, path, options) throws(AssayError) in
                try NPZFile.write(PlainTensors.content(of: model).tensors, to: path, pool: options.pool)
            }),
        Format(
            name: "safetensors", title: "safetensors", suffixes: [".safetensors"],
            recognises: { SafeTensorsFile.recognises($0.bytes) || $0.path.hasSuffix(".safetensors.index.json") },
            read: { (probe, _) throws(AssayError) in
                try PlainTensors.model(of: SafeTensorsFile.open(probe.path), dialect: "safetensors", path: probe.path)
            },
            write: { (model, path, options) throws(AssayError) in
                try SafeTensorsFile.write(PlainTensors.content(of: model), to: path, pool: options.pool)
            }),
    ]

    /// The format of a file, nil for none of these.
    static func format(of probe: FileProbe) -> Format? {
        all.first { $0.recognises?(probe) ?? false }
    }
}
