// Which files a Hugging Face checkpoint is made of, found from the folder or from one file in it.

import AssayTensors
import Glibc

/// A checkpoint that is found and not read yet.
struct HuggingFaceFolder {
    /// How the weights are stored; `.configuration` where the user named `config.json` itself.
    let dialect: HuggingFaceDialect
    /// The file with the weights, or `config.json`.
    let file: String
    /// The path of `config.json`; nil where there is none.
    let configuration: String?

    /// Looks at a folder, or at one file of it.
    ///
    /// - Throws: `AssayError.unreadable` when a folder has no weights, or the file has a name that transformers does not
    ///   give.
    init(path: String) throws(AssayError) {
        let folder: String
        if HuggingFaceFolder.kind(of: path) == S_IFDIR {
            folder = path.hasSuffix("/") ? path : path + "/"
            guard
                let found = HuggingFaceDialect.weights.first(where: { HuggingFaceFolder.exists(folder + $0.fileName) })
            else {
                let names = HuggingFaceDialect.weights.map(\.fileName).joined(separator: ", ")
                throw .unreadable("a folder without weights", expected: "one of \(names)", file: path)
            }
            dialect = found
            file = folder + found.fileName
        } else {
            folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            let name = path.dropFirst(folder.count)
            guard let found = HuggingFaceDialect.allCases.first(where: { $0.fileName == name }) else {
                throw .unreadable("is no file of a Hugging Face checkpoint", file: path)
            }
            dialect = found
            file = path
        }
        let configuration = folder + HuggingFaceDialect.configuration.fileName
        self.configuration = HuggingFaceFolder.exists(configuration) ? configuration : nil
    }

    /// Whether `path` is a folder with a file of a checkpoint in it, or such a file beside the configuration of a model of
    /// Hugging Face.
    static func recognises(path: String) -> Bool {
        if kind(of: path) == S_IFDIR {
            let folder = path.hasSuffix("/") ? path : path + "/"
            return HuggingFaceDialect.allCases.contains { exists(folder + $0.fileName) }
        }
        guard let found = try? HuggingFaceFolder(path: path), let configuration = found.configuration else {
            return false
        }
        return HuggingFaceConfiguration.recognises(path: configuration)
    }

    private static func exists(_ path: String) -> Bool { kind(of: path) == S_IFREG }

    /// What a path leads to, links followed; nil where there is nothing.
    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }
}
