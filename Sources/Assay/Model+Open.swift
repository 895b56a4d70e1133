// Opening a file of any known format.

import AssayHuggingFace
import AssayTensors

extension Model {
    /// Reads the file at `path`, whatever its format: recognised by its content, not by its name.
    ///
    /// - Parameter graphFrom: the file that has the architecture, for one that holds weights alone.
    /// - Throws: `AssayError.unreadable` when the file is missing, damaged, refused or of no known format.
    public static func open(_ path: String, graphFrom: String? = nil) throws(AssayError) -> Model {
        let probe = try FileProbe(path)
        guard let format = FormatRegistry.format(of: probe), let read = format.read else {
            throw unknownFormat(probe)
        }
        do throws(AssayError) {
            // A file of weights alone may be a checkpoint of transformers: config.json beside it, given, or not at all.
            let configuration = graphFrom.flatMap { HuggingFaceReader.isConfiguration(path: $0) ? $0 : nil }
            if format.name == Format.huggingFace.name || graphFrom != configuration {
                return try read(probe, graphFrom)
            }
            let model = try read(probe, nil)
            guard model.graph == nil else { return model }
            return try HuggingFaceReader.completed(model, configurationPath: configuration)
        } catch {
            throw error.located(file: path)
        }
    }

    private static func unknownFormat(_ probe: FileProbe) -> AssayError {
        let known = FormatRegistry.all.filter { $0.read != nil }.map(\.title).joined(separator: ", ")
        return .unreadable(
            probe.isFolder ? "is a folder" : "is of no known format", expected: "one of \(known)",
            found: found(probe), file: probe.path)
    }

    private static func found(_ probe: FileProbe) -> String? {
        guard !probe.isFolder, let start = try? probe.bytes.slice(at: 0, count: min(16, probe.bytes.count)) else {
            return nil
        }
        let bytes = start.array
        let isText = bytes.allSatisfy { (0x20..<0x7F).contains($0) || [0x09, 0x0A, 0x0D].contains($0) }
        if isText { return "text that begins '\(String(decoding: bytes, as: UTF8.self))'" }
        let hexadecimal = bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "a file that begins with bytes \(hexadecimal.joined(separator: " "))"
    }
}
