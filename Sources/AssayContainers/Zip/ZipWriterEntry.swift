// The records that a zip writer makes for one member, and those that end the archive.

import AssayTensors

/// A member as the writer knows it.
struct ZipWriterEntry {
    let name: String
    let comment: String
    let size: Int
    let storedSize: Int
    let offset: Int
    var method = ZipFormat.stored
    var checksum: UInt32 = 0
    private var padding = 0

    init(name: String, comment: String, size: Int, storedSize: Int, offset: Int) throws(AssayError) {
        guard comment.utf8.count <= Int(UInt16.max) else {
            throw AssayError(.writeFailed, "a comment that is too long", at: .init(object: name))
        }
        self.name = name
        self.comment = comment
        self.size = size
        self.storedSize = storedSize
        self.offset = offset
    }

    /// Sizes that 32 bits cannot say go to the zip64 field; so both do, as the local header wants them together.
    private var hasWideSizes: Bool { max(size, storedSize) >= Int(ZipFormat.inZip64) }
    private var hasWideOffset: Bool { offset >= Int(ZipFormat.inZip64) }
    private var versionNeeded: UInt16 { hasWideSizes || hasWideOffset ? 45 : 20 }
    private var flags: UInt16 { name.utf8.allSatisfy { $0 < 0x80 } ? 0 : ZipFormat.flagUTF8 }

    var localHeaderSize: Int { ZipFormat.localHeaderSize + name.utf8.count + localExtra.count }

    /// Pads the local header so that the content begins at a multiple of `alignment`.
    mutating func align(to alignment: Int) {
        let excess = (offset + localHeaderSize) % alignment
        guard excess != 0 else { return }
        // A field takes at least its own header of four bytes.
        padding = alignment - excess
        while padding < 4 { padding += alignment }
    }

    var localHeader: [UInt8] {
        var record = RecordBuilder()
        record.append(ZipFormat.localHeader)
        record.append(versionNeeded)
        appendCommon(to: &record, extraCount: localExtra.count)
        record.append(name.utf8)
        record.append(localExtra)
        return record.bytes
    }

    var directoryEntry: [UInt8] {
        var extra = RecordBuilder()
        if hasWideSizes || hasWideOffset {
            extra.append(ZipFormat.zip64Field)
            extra.append(UInt16((hasWideSizes ? 16 : 0) + (hasWideOffset ? 8 : 0)))
            if hasWideSizes {
                extra.append(UInt64(size))
                extra.append(UInt64(storedSize))
            }
            if hasWideOffset { extra.append(UInt64(offset)) }
        }
        var record = RecordBuilder()
        record.append(ZipFormat.directoryEntry)
        record.append(UInt16(3 << 8) | versionNeeded)  // made on Unix
        record.append(versionNeeded)
        appendCommon(to: &record, extraCount: extra.bytes.count)
        record.append(UInt16(comment.utf8.count))
        record.append(UInt32(0))  // disk, internal attributes
        record.append(UInt32(0o100644) << 16)
        record.append(hasWideOffset ? ZipFormat.inZip64 : UInt32(offset))
        record.append(name.utf8)
        record.append(extra.bytes)
        record.append(comment.utf8)
        return record.bytes
    }

    /// What both headers have in common, from the flags to the length of the extra field.
    private func appendCommon(to record: inout RecordBuilder, extraCount: Int) {
        record.append(flags)
        record.append(method)
        record.append(UInt16(0))  // midnight
        record.append(ZipFormat.date)
        record.append(checksum)
        record.append(hasWideSizes ? ZipFormat.inZip64 : UInt32(storedSize))
        record.append(hasWideSizes ? ZipFormat.inZip64 : UInt32(size))
        record.append(UInt16(name.utf8.count))
        record.append(UInt16(extraCount))
    }

    private var localExtra: [UInt8] {
        var record = RecordBuilder()
        if hasWideSizes {
            record.append(ZipFormat.zip64Field)
            record.append(UInt16(16))
            record.append(UInt64(size))
            record.append(UInt64(storedSize))
        }
        if padding > 0 {
            record.append(ZipFormat.alignmentField)
            record.append(UInt16(padding - 4))
            record.append(repeatElement(0, count: padding - 4))
        }
        return record.bytes
    }

    /// The end records of an archive, in the 64-bit form too where the 32-bit one has no room.
    static func endRecords(memberCount: Int, directoryOffset: Int, directorySize: Int) -> [UInt8] {
        var record = RecordBuilder()
        let isWide =
            memberCount >= Int(UInt16.max) || directorySize >= Int(ZipFormat.inZip64)
            || directoryOffset >= Int(ZipFormat.inZip64)
        if isWide {
            record.append(ZipFormat.endRecord64)
            record.append(UInt64(ZipFormat.endRecord64Size - 12))
            record.append(UInt16(3 << 8 | 45))
            record.append(UInt16(45))
            record.append(UInt64(0))  // this disk, the directory's disk
            record.append(UInt64(memberCount))
            record.append(UInt64(memberCount))
            record.append(UInt64(directorySize))
            record.append(UInt64(directoryOffset))
            record.append(ZipFormat.endLocator64)
            record.append(UInt32(0))
            record.append(UInt64(directoryOffset + directorySize))
            record.append(UInt32(1))
        }
        record.append(ZipFormat.endRecord)
        record.append(UInt32(0))  // this disk, the directory's disk
        record.append(isWide ? UInt16.max : UInt16(memberCount))
        record.append(isWide ? UInt16.max : UInt16(memberCount))
        record.append(isWide ? ZipFormat.inZip64 : UInt32(directorySize))
        record.append(isWide ? ZipFormat.inZip64 : UInt32(directoryOffset))
        record.append(UInt16(0))
        return record.bytes
    }
}
