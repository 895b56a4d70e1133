// What the recognition of formats looks at: the first bytes of a file, or that it is a folder.

import AssayContainers
import AssayTensors
import Glibc

/// A file whose format is not known yet. Formats are recognised by structure, never by name.
public struct FileProbe: Sendable {
    /// The path as the user gave it.
    public let path: String
    /// The whole file, mapped; empty for a folder.
    public let bytes: ByteRegion
    /// Whether it is a folder.
    public let isFolder: Bool

    /// Looks at `path`.
    ///
    /// - Throws: `AssayError.unreadable` when there is nothing, it is not readable, or an empty file.
    public init(_ path: String) throws(AssayError) {
        self.path = path
        var status = stat()
        isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        guard !isFolder else {
            bytes = ByteRegion([])
            return
        }
        bytes = try MappedFile(path: path).bytes
        guard bytes.count > 0 else { throw .unreadable("is empty", expected: "a model file", file: path) }
    }

    /// Whether the file begins with these bytes.
    public func begins(with magic: [UInt8], at offset: Int = 0) -> Bool {
        guard let start = try? bytes.slice(at: offset, count: magic.count) else { return false }
        return start.array == magic
    }

    /// Whether it is a zip archive, also one without members.
    public var isZip: Bool { begins(with: Array("PK\u{3}\u{4}".utf8)) || begins(with: Array("PK\u{5}\u{6}".utf8)) }

    /// Whether the first character that is no blank opens a JSON object.
    public var isJSON: Bool {
        guard let start = try? bytes.slice(at: 0, count: min(bytes.count, 64)) else { return false }
        return start.array.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
    }
}
