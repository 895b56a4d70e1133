// The records of a zip file by their numbers (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5).

/// Constants of the zip format.
enum ZipFormat {
    static let localHeader: UInt32 = 0x0403_4B50
    static let directoryEntry: UInt32 = 0x0201_4B50
    static let dataDescriptor: UInt32 = 0x0807_4B50
    static let endRecord: UInt32 = 0x0605_4B50
    static let endRecord64: UInt32 = 0x0606_4B50
    static let endLocator64: UInt32 = 0x0706_4B50

    /// Sizes of the fixed parts, signature included.
    static let localHeaderSize = 30
    static let directoryEntrySize = 46
    static let endRecordSize = 22
    static let endRecord64Size = 56
    static let endLocator64Size = 20

    /// The extra field that holds 64-bit sizes and offsets.
    static let zip64Field: UInt16 = 0x0001
    /// The extra field that Android's zipalign pads with; readers skip it.
    static let alignmentField: UInt16 = 0xD935

    /// The 32-bit value that says "see the zip64 field".
    static let inZip64: UInt32 = 0xFFFF_FFFF

    static let stored: UInt16 = 0
    static let deflated: UInt16 = 8

    static let flagEncrypted: UInt16 = 1 << 0
    static let flagDescriptor: UInt16 = 1 << 3
    static let flagUTF8: UInt16 = 1 << 11
    /// Encryption in its various forms, patches, and masked headers: nothing that a model file needs.
    static let refusedFlags: UInt16 = 1 << 0 | 1 << 5 | 1 << 6 | 1 << 13

    /// 1980-01-01, so that equal contents give equal files.
    static let date: UInt16 = 0x0021

    /// What deflate can make of one byte at most.
    static let maximumDeflateRatio = 1032
}

/// Appends little-endian numbers to a record.
struct RecordBuilder {
    private(set) var bytes: [UInt8] = []

    mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }
}
