// The central directory of a zip archive, and the checks that make its members safe to use.

import AssayTensors
import OrderedCollections

/// Reads the directory and holds every member against its local header and its neighbours.
struct ZipDirectory {
    private(set) var members: OrderedDictionary<String, ZipMember> = [:]
    private let bytes: ByteRegion

    /// An entry of the directory before its local header has been seen.
    private struct Entry {
        var name = ""
        var comment = ""
        var flags: UInt16 = 0
        var method: UInt16 = 0
        var checksum: UInt32 = 0
        var storedSize = 0
        var size = 0
        var headerOffset = 0

        var hasDescriptor: Bool { flags & ZipFormat.flagDescriptor != 0 }
    }

    init(_ bytes: ByteRegion) throws(AssayError) {
        self.bytes = bytes
        let end = try ZipEnd(bytes)
        var reader = ByteReader(bytes, at: end.directoryOffset)
        var extents: [(start: Int, end: Int, name: String)] = []
        while reader.offset < end.directoryEnd {
            let entry = try readEntry(&reader)
            let (member, memberEnd) = try checkLocalHeader(of: entry, directory: end.directoryOffset)
            guard members.updateValue(member, forKey: entry.name) == nil else {
                throw .unreadable("two members have this name", object: entry.name)
            }
            extents.append((entry.headerOffset, memberEnd, entry.name))
        }
        guard reader.offset == end.directoryEnd, members.count == end.memberCount else {
            throw .unreadable(
                "the zip directory does not hold what it says", expected: "\(end.memberCount) members",
                found: "\(members.count)")
        }
        extents.sort { $0.start < $1.start }
        for (first, second) in zip(extents, extents.dropFirst()) where first.end > second.start {
            throw .unreadable("overlaps the member \(second.name)", object: first.name)
        }
    }

    // MARK: Directory entries

    private func readEntry(_ reader: inout ByteReader) throws(AssayError) -> Entry {
        let start = reader.offset
        guard try reader.read(UInt32.self) == ZipFormat.directoryEntry else {
            throw .unreadable("damaged zip directory", offset: start)
        }
        var entry = Entry()
        _ = try reader.read(UInt32.self)  // version made by, version needed
        entry.flags = try reader.read(UInt16.self)
        entry.method = try reader.read(UInt16.self)
        _ = try reader.read(UInt32.self)  // time and date
        entry.checksum = try reader.read(UInt32.self)
        let sizes32 = (stored: try reader.read(UInt32.self), content: try reader.read(UInt32.self))
        let lengths = (
            name: Int(try reader.read(UInt16.self)), extra: Int(try reader.read(UInt16.self)),
            comment: Int(try reader.read(UInt16.self))
        )
        let disk = try reader.read(UInt16.self)
        _ = try reader.read(UInt16.self)  // internal attributes
        let attributes = try reader.read(UInt32.self)
        let offset32 = try reader.read(UInt32.self)
        entry.name = try reader.readText(count: lengths.name)
        let extra = try reader.read(count: lengths.extra)
        entry.comment = String(decoding: try reader.read(count: lengths.comment).array, as: UTF8.self)
        guard ZipMember.isPlain(entry.name) else {
            throw .unreadable("a member's name is not a plain relative path", object: entry.name)
        }
        try checkAttributes(attributes, disk: disk, flags: entry.flags, name: entry.name)
        var wide = try Zip64Field(extra, name: entry.name)
        entry.size = try wide.resolve(sizes32.content)
        entry.storedSize = try wide.resolve(sizes32.stored)
        entry.headerOffset = try wide.resolve(offset32)
        return entry
    }

    private func checkAttributes(_ attributes: UInt32, disk: UInt16, flags: UInt16, name: String) throws(AssayError) {
        guard disk == 0 else { throw .unreadable("is on another disk of a split archive", object: name) }
        // The upper half is the Unix mode; what is neither a file nor a folder (nor unsaid) is refused.
        let kind = attributes >> 28
        guard kind == 0 || kind == 0x8 || kind == 0x4 else {
            throw .unreadable(kind == 0xA ? "is a symbolic link" : "is a special file", object: name)
        }
        guard flags & ZipFormat.refusedFlags & ~ZipFormat.flagEncrypted == 0 else {
            throw .unreadable("needs features of zip that are not supported", object: name)
        }
    }

    // MARK: Local headers

    /// Compares the local header with the directory; gives the member and where its last byte ends.
    private func checkLocalHeader(
        of entry: Entry, directory: Int
    ) throws(AssayError) -> (ZipMember, end: Int) {
        func differs() -> AssayError {
            .unreadable("the local header and the zip directory differ", object: entry.name, offset: entry.headerOffset)
        }
        var reader = ByteReader(bytes, at: min(entry.headerOffset, bytes.count))
        guard try reader.read(UInt32.self) == ZipFormat.localHeader else { throw differs() }
        _ = try reader.read(UInt16.self)  // version needed
        guard try reader.read(UInt16.self) == entry.flags, try reader.read(UInt16.self) == entry.method else {
            throw differs()
        }
        _ = try reader.read(UInt32.self)  // time and date
        let checksum = try reader.read(UInt32.self)
        let sizes = (stored: try reader.read(UInt32.self), content: try reader.read(UInt32.self))
        let lengths = (name: Int(try reader.read(UInt16.self)), extra: Int(try reader.read(UInt16.self)))
        guard try reader.read(count: lengths.name).array == Array(entry.name.utf8) else { throw differs() }
        var wide = try Zip64Field(reader.read(count: lengths.extra), name: entry.name)
        let offset = reader.offset
        guard offset <= directory, entry.storedSize <= directory - offset else {
            throw .unreadable("lies outside the file", object: entry.name, offset: entry.headerOffset)
        }
        try checkSizes(of: entry)
        var end = offset + entry.storedSize
        if entry.hasDescriptor {
            end += try descriptorSize(of: entry, at: end, before: directory)
        } else {
            let size = try wide.resolve(sizes.content)
            let storedSize = try wide.resolve(sizes.stored)
            guard checksum == entry.checksum, size == entry.size, storedSize == entry.storedSize else {
                throw differs()
            }
        }
        let member = ZipMember(
            name: entry.name, method: .init(entry.method), offset: offset, storedSize: entry.storedSize,
            size: entry.size, checksum: entry.checksum, comment: entry.comment,
            isEncrypted: entry.flags & ZipFormat.flagEncrypted != 0)
        return (member, end)
    }

    /// The content's size must be one that the stored bytes can give, before anybody allocates it.
    private func checkSizes(of entry: Entry) throws(AssayError) {
        let most =
            switch entry.method {
            case ZipFormat.stored: entry.storedSize
            case ZipFormat.deflated: entry.storedSize * ZipFormat.maximumDeflateRatio
            default: Int.max
            }
        let fits = entry.method == ZipFormat.stored ? entry.size == most : entry.size <= most
        guard fits else {
            throw .unreadable(
                "declares a size that its bytes cannot give", expected: "at most \(most)", found: "\(entry.size)",
                object: entry.name)
        }
        guard !entry.name.hasSuffix("/") || entry.size == 0 else {
            throw .unreadable("is a folder with content", object: entry.name)
        }
    }

    /// The size of the descriptor that follows the data: with or without signature, sizes of 4 or 8 bytes.
    private func descriptorSize(of entry: Entry, at start: Int, before limit: Int) throws(AssayError) -> Int {
        for hasSignature in [true, false] {
            for wide in [false, true] {
                var reader = ByteReader(bytes, at: start)
                let size = (hasSignature ? 4 : 0) + 4 + (wide ? 16 : 8)
                guard size <= limit - start else { continue }
                if hasSignature, try reader.read(UInt32.self) != ZipFormat.dataDescriptor { continue }
                guard try reader.read(UInt32.self) == entry.checksum else { continue }
                let stored = try wide ? reader.read(UInt64.self) : UInt64(reader.read(UInt32.self))
                let content = try wide ? reader.read(UInt64.self) : UInt64(reader.read(UInt32.self))
                if stored == UInt64(entry.storedSize), content == UInt64(entry.size) { return size }
            }
        }
        throw .unreadable("the data descriptor and the zip directory differ", object: entry.name, offset: start)
    }
}
