// Converting to a format that is a folder of files: the whole folder, or its weights into a folder that is there.

import AssayTensors
import Glibc

extension Conversion {
    /// The file with the weights that a conversion writes: the new file itself, or the one in the new folder.
    public var weightsPath: String {
        guard let content = target.folder, !content.isNamed(by: output) else { return output }
        return "\(folderPath)/\(content.weights)"
    }

    private var folderPath: String { output.hasSuffix("/") ? String(output.dropLast()) : output }

    /// Writes the folder `output`, or, where that is the name of the weights, these beside what their folder has already.
    func writeFolder(
        _ content: FolderContent, _ options: WriteOptions, isChecked: Bool,
        _ write: (Model, String, WriteOptions) throws(AssayError) -> Void
    ) throws(AssayError) -> Check? {
        let isFile = content.isNamed(by: output)
        if isFile, !content.isMeant(by: output) {
            throw AssayError(
                .usage, "has no config.json beside it", at: .init(file: output), hint: "give the name of a new folder")
        }
        let folder =
            try isFile
            ? AtomicFolder(besideFile: output) : AtomicFolder(path: folderPath, replacing: content.names)
        var result: Check?
        do throws(AssayError) {
            if isFile { try copyOthers(of: content, to: folder.workingPath) }
            try write(source, folder.workingPath, options)
            if isChecked { result = try check(folder.workingPath, options.pool) }
        } catch {
            throw moved(error, from: folder.workingPath)
        }
        if isFile { try folder.commit(file: content.weights) } else { try folder.commit() }
        return result
    }

    /// Copies what stands beside the new weights, so that these are read back as they will be.
    private func copyOthers(of content: FolderContent, to folder: String) throws(AssayError) {
        let home = output.dropLast(content.weights.count)
        for name in content.names where name != content.weights && access(home + name, F_OK) == 0 {
            let file = try AtomicFile(path: "\(folder)/\(name)")
            try file.write(MappedFile(path: home + name).bytes, at: 0)
            try file.commit()
        }
    }
}

extension FolderContent {
    /// Whether `path` is the name of the weights in a folder.
    func isNamed(by path: String) -> Bool { path == weights || path.hasSuffix("/" + weights) }

    /// Whether `path` is the name of the weights in a folder that has the rest.
    func isMeant(by path: String) -> Bool {
        isNamed(by: path) && access(path.dropLast(weights.count) + "config.json", F_OK) == 0
    }
}
