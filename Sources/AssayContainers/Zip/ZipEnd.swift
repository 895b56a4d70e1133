// The end of a zip archive: where the directory is, in the 32-bit and the 64-bit form; and the zip64 extra field.

import AssayTensors

/// The end records of an archive, checked against the file.
struct ZipEnd {
    private(set) var directoryOffset = 0
    private(set) var directoryEnd = 0
    private(set) var memberCount = 0

    init(_ bytes: ByteRegion) throws(AssayError) {
        let position = try ZipEnd.find(in: bytes)
        var reader = ByteReader(bytes, at: position + 4)
        let disks = (try reader.read(UInt16.self), try reader.read(UInt16.self))
        let counts = (try reader.read(UInt16.self), try reader.read(UInt16.self))
        let size = try reader.read(UInt32.self)
        let offset = try reader.read(UInt32.self)
        let locator = position - ZipFormat.endLocator64Size
        if locator >= 0, try ZipEnd.signature(in: bytes, at: locator) == ZipFormat.endLocator64 {
            try readEnd64(bytes, locator: locator)
            return
        }
        guard disks == (0, 0), counts.0 == counts.1 else { throw .unreadable("is part of a split archive") }
        memberCount = Int(counts.0)
        try place(offset: Int(offset), size: Int(size), end: position)
    }

    private mutating func readEnd64(_ bytes: ByteRegion, locator: Int) throws(AssayError) {
        var reader = ByteReader(bytes, at: locator + 4)
        let disk = try reader.read(UInt32.self)
        let position = try reader.readCount()
        let isPlaced = position <= locator - ZipFormat.endRecord64Size
        guard disk == 0, isPlaced, try ZipEnd.signature(in: bytes, at: position) == ZipFormat.endRecord64 else {
            throw .unreadable("damaged zip64 end record", offset: locator)
        }
        reader = ByteReader(bytes, at: position + 4)
        let recordSize = try reader.readCount()
        guard recordSize == locator - position - 12 else {
            throw .unreadable("damaged zip64 end record", offset: position)
        }
        _ = try reader.read(UInt32.self)  // versions
        let disks = (try reader.read(UInt32.self), try reader.read(UInt32.self))
        let counts = (try reader.readCount(), try reader.readCount())
        guard disks == (0, 0), counts.0 == counts.1 else { throw .unreadable("is part of a split archive") }
        memberCount = counts.0
        let size = try reader.readCount()
        try place(offset: try reader.readCount(), size: size, end: position)
    }

    /// The directory must end where the end record begins, so that there is only one way to read the file.
    private mutating func place(offset: Int, size: Int, end: Int) throws(AssayError) {
        guard offset <= end, size == end - offset else {
            throw .unreadable(
                "the zip directory is not where the end record says", expected: "\(size) bytes before \(end)",
                found: "offset \(offset)")
        }
        guard memberCount <= size / ZipFormat.directoryEntrySize else {
            throw .unreadable("the zip directory is too small for its members", found: "\(memberCount) members")
        }
        directoryOffset = offset
        directoryEnd = end
    }

    /// The end record: its comment reaches exactly to the end of the file. A comment that holds another such record
    /// would make two archives of one file, and is refused.
    private static func find(in bytes: ByteRegion) throws(AssayError) -> Int {
        let last = bytes.count - ZipFormat.endRecordSize
        let first = max(0, last - Int(UInt16.max))
        let positions = bytes.withSpan { span in
            stride(from: last, through: first, by: -1).filter { position in
                let signature = span.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)
                guard UInt32(littleEndian: signature) == ZipFormat.endRecord else { return false }
                let comment = span.unsafeLoadUnaligned(fromByteOffset: position + 20, as: UInt16.self)
                return position + ZipFormat.endRecordSize + Int(UInt16(littleEndian: comment)) == bytes.count
            }
        }
        guard let position = positions.first else { throw .unreadable("not a zip archive: no end record") }
        guard positions.count == 1 else { throw .unreadable("two end records of a zip archive", offset: position) }
        return position
    }

    private static func signature(in bytes: ByteRegion, at offset: Int) throws(AssayError) -> UInt32 {
        var reader = ByteReader(bytes, at: offset)
        return try reader.read(UInt32.self)
    }
}

/// The zip64 extra field of one header: 64-bit values, in order, for those 32-bit fields that are all ones.
struct Zip64Field {
    private var values: ByteReader?
    private let name: String

    init(_ extra: ByteRegion, name: String) throws(AssayError) {
        self.name = name
        var reader = ByteReader(extra)
        // Trailing bytes too few for a field are padding (zipalign).
        while reader.remaining >= 4 {
            let identifier = try reader.read(UInt16.self)
            let size = Int(try reader.read(UInt16.self))
            guard size <= reader.remaining else { throw .unreadable("damaged extra field", object: name) }
            let field = try reader.read(count: size)
            if identifier == ZipFormat.zip64Field {
                guard values == nil else { throw .unreadable("two zip64 fields", object: name) }
                values = ByteReader(field)
            }
        }
    }

    /// The value itself, or the field's next 64-bit value where it is all ones.
    mutating func resolve(_ value: UInt32) throws(AssayError) -> Int {
        guard value == ZipFormat.inZip64 else { return Int(value) }
        guard values != nil, let wide = try values?.readCount() else {
            throw .unreadable("lacks its zip64 field", object: name)
        }
        return wide
    }
}
