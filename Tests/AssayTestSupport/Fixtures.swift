// Where the test files are: those of the repository, and the large collection beside it where it is there.

import AssayTensors
import Glibc

/// Paths of test files.
public enum Fixtures {
    /// `Tests/Fixtures` of this repository.
    public static let folder = testsFolder + "/Fixtures"

    /// The repository itself.
    public static let repository = parent(of: testsFolder)

    /// The large collection: the environment's `ASSAY_FIXTURES`, or `shared/fixtures` in a folder above the repository.
    public static let collection: String? = {
        if let path = getenv("ASSAY_FIXTURES") { return String(cString: path) }
        var folder = repository
        while !folder.isEmpty {
            folder = parent(of: folder)
            if exists(folder + "/shared/fixtures/README.md") { return folder + "/shared/fixtures" }
        }
        return nil
    }()

    /// Whether there is something at `path`.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names of all that is in a folder, sorted; none where there is no folder.
    public static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The JSON value of a file.
    public static func json(_ path: String) throws(AssayError) -> JSON {
        do throws(AssayError) {
            return try JSON(parsing: MappedFile(path: path).bytes)
        } catch {
            throw error.located(file: path)
        }
    }

    private static let testsFolder = parent(of: parent(of: #filePath))

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}

/// A folder for one test's files, removed with all that is in it when the test lets go of it.
public final class TemporaryFolder: Sendable {
    /// The folder's path.
    public let path: String

    /// Makes a new folder.
    public init() {
        path = "/tmp/assay-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        precondition(mkdir(path, 0o700) == 0, "a folder in /tmp")
    }

    deinit { TemporaryFolder.remove(path) }

    private static func remove(_ path: String) {
        for name in Fixtures.names(in: path) {
            let inner = path + "/" + name
            if unlink(inner) != 0 { remove(inner) }
        }
        rmdir(path)
    }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { path + "/" + name }

    /// The names of all files in the folder, sorted.
    public var names: [String] { Fixtures.names(in: path) }

    /// Makes a file of `bytes`; gives its path.
    public func write(_ bytes: [UInt8], to name: String) throws(AssayError) -> String {
        let file = try AtomicFile(path: file(name))
        try file.write(ByteRegion(bytes), at: 0)
        try file.commit()
        return self.file(name)
    }
}
