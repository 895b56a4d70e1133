// Folders that are there whole or not at all.

import Glibc

/// A folder of plain files under construction beside its final place. `commit` moves it there; without it nothing is left
/// behind.
///
///     let folder = try AtomicFolder(path: "bert", replacing: ["config.json", "model.safetensors"])
///     try SafeTensorsFile.write(tensors, to: folder.workingPath + "/model.safetensors")
///     try folder.commit()
public final class AtomicFolder {
    private let path: String
    /// The folder to write files into until `commit`.
    public let workingPath: String

    /// Starts a folder that will stand at `path`.
    ///
    /// - Parameter names: the files that a folder already there may hold, which then goes. One with anything else in it
    ///   stays.
    /// - Throws: `AssayError.writeFailed` when `path` is no folder or one that must stay, or nothing can be made beside it.
    public init(path: String, replacing names: Set<String>) throws(AssayError) {
        self.path = path
        workingPath = "\(path).assay-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        if let held = AtomicFolder.names(in: path) {
            if let other = held.filter({ !names.contains($0) }).min() {
                throw AssayError(
                    .writeFailed, "is a folder that holds other files", expected: "a new folder",
                    found: other, at: .init(file: path))
            }
        } else if access(path, F_OK) == 0 {
            throw AssayError(.writeFailed, "is not a folder", at: .init(file: path))
        }
        guard mkdir(workingPath, 0o777) == 0 else { throw failure(errno) }
    }

    /// Starts a folder beside the file `path`, for files that only `commit(file:)` takes out of it.
    ///
    /// - Throws: `AssayError.writeFailed` when nothing can be made there.
    public init(besideFile path: String) throws(AssayError) {
        self.path = path
        workingPath = "\(path).assay-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        guard mkdir(workingPath, 0o777) == 0 else { throw failure(errno) }
    }

    deinit { AtomicFolder.remove(workingPath) }

    /// Moves the folder to its place. One that was there goes.
    ///
    /// - Throws: `AssayError.writeFailed` when it cannot be moved; what was there then stays.
    public func commit() throws(AssayError) {
        let old = workingPath + "-old"
        let isReplaced = rename(path, old) == 0
        guard isReplaced || errno == ENOENT else { throw failure(errno) }
        guard rename(workingPath, path) == 0 else {
            let number = errno
            if isReplaced { rename(old, path) }
            throw failure(number)
        }
        AtomicFolder.remove(old)
    }

    /// Moves one file to the place beside which the folder was started; the rest goes.
    ///
    /// - Throws: `AssayError.writeFailed` when it cannot be moved.
    public func commit(file name: String) throws(AssayError) {
        guard rename("\(workingPath)/\(name)", path) == 0 else { throw failure(errno) }
    }

    private func failure(_ number: Int32) -> AssayError {
        AssayError(.writeFailed, "cannot be written: \(MappedFile.reason(number))", at: .init(file: path))
    }

    /// Removes a folder and the files in it.
    private static func remove(_ path: String) {
        for name in names(in: path) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// What a folder holds; nil where there is no folder.
    private static func names(in path: String) -> [String]? {
        guard let stream = opendir(path) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
