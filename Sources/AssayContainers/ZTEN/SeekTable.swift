// The seek table of the Zstandard seekable format, version 0.1.0 (facebook/zstd,
// contrib/seekable_format/zstd_seekable_compression_format.md).

import AssayTensors

/// Where each frame lies in the file and in the decoded stream.
struct SeekTable {
    /// One frame.
    struct Frame {
        /// The offset in the file.
        let offset: Int
        /// The offset in the decoded stream.
        let decodedOffset: Int
        let size: UInt32
        let decodedSize: UInt32
        /// The low 32 bits of the content's XXH64, which also end the frame.
        let checksum: UInt32

        var decodedRange: Range<Int> { decodedOffset..<(decodedOffset + Int(decodedSize)) }
    }

    private(set) var frames: [Frame] = []
    /// The bytes of all frames.
    private(set) var size = 0
    /// The bytes of the decoded stream.
    private(set) var decodedSize = 0

    static let skippableMagic: UInt32 = 0x184D_2A5E
    static let magic: UInt32 = 0x8F92_EAB1
    private static let checksumFlag: UInt8 = 0x80
    private static let reservedBits: UInt8 = 0x7C
    private static let headerSize = 8
    private static let footerSize = 9
    private static let entrySize = 12

    init() {}

    /// Adds the next frame.
    mutating func append(size: UInt32, decodedSize: UInt32, checksum: UInt32) {
        frames.append(
            Frame(
                offset: self.size, decodedOffset: self.decodedSize, size: size, decodedSize: decodedSize,
                checksum: checksum))
        self.size += Int(size)
        self.decodedSize += Int(decodedSize)
    }

    /// The skippable frame that ends the file.
    var encoded: [UInt8] {
        var record = RecordBuilder()
        record.append(SeekTable.skippableMagic)
        record.append(UInt32(frames.count * SeekTable.entrySize + SeekTable.footerSize))
        for frame in frames {
            record.append(frame.size)
            record.append(frame.decodedSize)
            record.append(frame.checksum)
        }
        record.append(UInt32(frames.count))
        record.append(SeekTable.checksumFlag)
        record.append(SeekTable.magic)
        return record.bytes
    }

    /// Reads the table at the end of `file` and holds it against the file's size.
    init(in file: ByteRegion) throws(AssayError) {
        let smallest = SeekTable.headerSize + SeekTable.footerSize
        guard file.count > smallest else { throw .unreadable("not a ZTEN file: too short for a seek table") }
        var footer = ByteReader(file, at: file.count - SeekTable.footerSize)
        let count = Int(try footer.read(UInt32.self))
        let descriptor = try footer.read(UInt8.self)
        guard try footer.read(UInt32.self) == SeekTable.magic else {
            throw .unreadable("not a ZTEN file, or cut short: no seek table at its end")
        }
        guard descriptor & SeekTable.reservedBits == 0, descriptor & SeekTable.checksumFlag != 0 else {
            throw .unreadable("the seek table has unknown flags or no checksums", found: "descriptor \(descriptor)")
        }
        let tableSize = smallest + count * SeekTable.entrySize
        guard tableSize < file.count else {
            throw .unreadable("the seek table is longer than the file", found: "\(count) frames")
        }
        var reader = ByteReader(file, at: file.count - tableSize)
        guard try reader.read(UInt32.self) == SeekTable.skippableMagic,
            try reader.read(UInt32.self) == UInt32(tableSize - SeekTable.headerSize)
        else { throw .unreadable("damaged seek table", offset: file.count - tableSize) }
        frames.reserveCapacity(count)
        for index in 0..<count { try readEntry(&reader, index: index) }
        guard size == file.count - tableSize else {
            throw .unreadable(
                "the frames do not fill the file", expected: "\(file.count - tableSize) bytes", found: "\(size)")
        }
    }

    private mutating func readEntry(_ reader: inout ByteReader, index: Int) throws(AssayError) {
        let size = try reader.read(UInt32.self)
        let decodedSize = try reader.read(UInt32.self)
        let checksum = try reader.read(UInt32.self)
        let limit = index == 0 ? ZTENFormat.maximumHeaderSize : ZTENFormat.maximumFrameSize
        guard Int(size) >= ZTENFormat.minimumFrameSize, decodedSize > 0, Int(decodedSize) <= limit,
            Int(decodedSize) <= Int(size) * ZTENFormat.maximumRatio
        else {
            throw .unreadable(
                "impossible frame in the seek table", expected: "1 to \(limit) decoded bytes",
                found: "\(decodedSize) from \(size)", object: "frame \(index)")
        }
        append(size: size, decodedSize: decodedSize, checksum: checksum)
    }

    /// The index of the frame that holds byte `offset` of the decoded stream, which must lie in it.
    func frameIndex(at offset: Int) -> Int {
        var low = 0
        var high = frames.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if frames[middle].decodedOffset <= offset { low = middle } else { high = middle }
        }
        return low
    }
}
