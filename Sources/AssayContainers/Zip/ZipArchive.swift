// Reading zip archives: members as slices of the mapped file where they are stored, inflated within bounds where not.

import AssayTensors
import OrderedCollections

/// A zip archive whose directory has been read and checked: names are unique, relative and plain, members lie in the
/// file without overlap, and every local header agrees with the directory.
public struct ZipArchive: Sendable {
    /// The members by name, in the order of the directory.
    public let members: OrderedDictionary<String, ZipMember>
    private let bytes: ByteRegion

    /// Whether the bytes begin as a zip archive does (an empty archive begins with its end record).
    public static func recognises(_ bytes: ByteRegion) -> Bool {
        var reader = ByteReader(bytes)
        let signature = try? reader.read(UInt32.self)
        return signature == ZipFormat.localHeader || signature == ZipFormat.endRecord
    }

    /// Reads the directory of the archive at `path`.
    ///
    /// - Throws: `AssayError.unreadable` when it is no archive, damaged, or has a member that is refused.
    public init(path: String) throws(AssayError) {
        do throws(AssayError) {
            try self.init(bytes: MappedFile(path: path).bytes)
        } catch {
            throw error.located(file: path)
        }
    }

    /// Reads the directory of an archive in memory.
    ///
    /// - Throws: `AssayError.unreadable` when it is no archive, damaged, or has a member that is refused.
    public init(bytes: ByteRegion) throws(AssayError) {
        self.bytes = bytes
        members = try ZipDirectory(bytes).members
    }

    /// The member called `name`.
    ///
    /// - Throws: `AssayError.unreadable` when there is none.
    public func member(_ name: String) throws(AssayError) -> ZipMember {
        guard let member = members[name] else { throw .unreadable("the archive has no such member", object: name) }
        return member
    }

    /// A stored member's bytes where they lie, its checksum not looked at (`verify` does that).
    ///
    /// - Throws: `AssayError.unreadable` when it is not stored as it is.
    public func storedBytes(of member: ZipMember) throws(AssayError) -> ByteRegion {
        try checkReadable(member)
        guard member.method == .stored else { throw .unreadable("is compressed", object: member.name) }
        return try bytes.slice(at: member.offset, count: member.size)
    }

    /// A member's content: where it lies if it is stored, inflated into new memory if not. Its checksum is verified.
    ///
    /// - Parameter limit: the most bytes that the content may have.
    /// - Throws: `AssayError.unreadable` when it is damaged, encrypted, larger than `limit`, or of an unknown method.
    public func content(of member: ZipMember, limit: Int = .max) throws(AssayError) -> ByteRegion {
        guard member.size <= limit else {
            throw .unreadable(
                "is too large", expected: "at most \(limit) bytes", found: "\(member.size)", object: member.name)
        }
        if member.method == .stored {
            try verify(member)
            return try storedBytes(of: member)
        }
        let decoder = try inflater(for: member)
        return try ByteRegion(count: member.size) { (buffer) throws(AssayError) in
            try decoder.decode(0..<member.size, into: buffer)
        }
    }

    /// Yields a deflated member's content on demand, with little memory for its first bytes.
    func inflater(for member: ZipMember) throws(AssayError) -> DeflatedMember {
        try checkReadable(member)
        guard member.method == .deflated else { throw .unreadable("is not deflated", object: member.name) }
        return DeflatedMember(member: member, stored: try bytes.slice(at: member.offset, count: member.storedSize))
    }

    /// Compares a member's checksum with its content.
    ///
    /// - Throws: `AssayError.unreadable` when they differ, or the content cannot be read.
    public func verify(_ member: ZipMember, pool: ThreadPool = .single) throws(AssayError) {
        guard member.method == .stored else {
            _ = try content(of: member)
            return
        }
        let found = try CRC32.checksum(of: storedBytes(of: member), pool: pool)
        guard found == member.checksum else { throw CRC32.mismatch(in: member) }
    }

    private func checkReadable(_ member: ZipMember) throws(AssayError) {
        guard !member.isEncrypted else { throw .unreadable("is encrypted", object: member.name) }
        if case .other(let method) = member.method {
            throw .unreadable(
                "is compressed by method \(method)", expected: "stored (0) or deflate (8)", object: member.name)
        }
    }
}
