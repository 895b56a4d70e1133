// Writing zip archives: members one after the other, through an atomic file, the same bytes for the same contents.

import AssayTensors
import CZlib

/// Writes a zip archive. Nothing stands at the path until `finish`.
public final class ZipWriter {
    /// A part of a member's content.
    public enum Part: Sendable {
        /// Bytes in memory.
        case bytes(ByteRegion)
        /// A tensor's bytes, written in parts by several threads.
        case tensor(Tensor)

        var byteCount: Int {
            switch self {
            case .bytes(let region): region.count
            case .tensor(let tensor): tensor.byteCount
            }
        }
    }

    private let file: AtomicFile
    private let path: String
    private let pool: ThreadPool
    private var position = 0
    private var entries: [ZipWriterEntry] = []
    private var names: Set<String> = []

    /// Starts the archive that will stand at `path`.
    ///
    /// - Throws: `AssayError.writeFailed` when the folder cannot be written to.
    public init(path: String, pool: ThreadPool = ThreadPool()) throws(AssayError) {
        self.path = path
        self.pool = pool
        file = try AtomicFile(path: path)
    }

    /// Adds a member whose content is `parts`, stored as it is.
    ///
    /// - Parameters:
    ///   - alignment: the content begins at a multiple of it, by padding in an extra field.
    ///   - comment: a note on the member in the directory.
    /// - Throws: what decoding a tensor throws, and `AssayError.writeFailed`.
    public func addStored(
        _ name: String, _ parts: [Part], alignment: Int = 1, comment: String = ""
    ) throws(AssayError) {
        let size = parts.reduce(0) { $0 + $1.byteCount }
        var entry = try ZipWriterEntry(name: name, comment: comment, size: size, storedSize: size, offset: position)
        try claim(name)
        entry.align(to: alignment)
        var offset = position + entry.localHeaderSize
        for part in parts {
            let checksum = try write(part, at: offset)
            entry.checksum = CRC32.combine(entry.checksum, checksum, count: part.byteCount)
            offset += part.byteCount
        }
        try append(entry)
    }

    /// Adds a member whose content is `bytes`, deflated. Meant for texts: it works in memory.
    ///
    /// - Throws: `AssayError.writeFailed`.
    public func addDeflated(_ name: String, _ bytes: ByteRegion) throws(AssayError) {
        let deflated = try Deflate.compress(bytes)
        var entry = try ZipWriterEntry(
            name: name, comment: "", size: bytes.count, storedSize: deflated.count, offset: position)
        try claim(name)
        entry.method = ZipFormat.deflated
        entry.checksum = bytes.withUnsafeBytes { CRC32.checksum(of: $0) }
        try file.write(ByteRegion(deflated), at: position + entry.localHeaderSize)
        try append(entry)
    }

    /// Writes the directory and moves the archive to its place.
    ///
    /// - Throws: `AssayError.writeFailed`.
    public func finish() throws(AssayError) {
        var directory = RecordBuilder()
        for entry in entries { directory.append(entry.directoryEntry) }
        let end = ZipWriterEntry.endRecords(
            memberCount: entries.count, directoryOffset: position, directorySize: directory.bytes.count)
        directory.append(end)
        try file.write(ByteRegion(directory.bytes), at: position)
        try file.commit()
    }

    private func claim(_ name: String) throws(AssayError) {
        guard ZipMember.isPlain(name), name.utf8.count <= Int(UInt16.max) else {
            throw AssayError(
                .writeFailed, "a name that an archive cannot hold", expected: "a plain relative path",
                at: .init(file: path, object: name))
        }
        guard names.insert(name).inserted else {
            throw AssayError(.writeFailed, "two members have this name", at: .init(file: path, object: name))
        }
    }

    private func append(_ entry: ZipWriterEntry) throws(AssayError) {
        try file.write(ByteRegion(entry.localHeader), at: position)
        position += entry.localHeaderSize + entry.storedSize
        entries.append(entry)
    }

    /// Writes one part; gives its checksum.
    private func write(_ part: Part, at offset: Int) throws(AssayError) -> UInt32 {
        let tensor =
            switch part {
            case .bytes(let region): try Tensor(type: .u8, shape: [region.count], region: region)
            case .tensor(let tensor): tensor
            }
        let ranges = tensor.partRanges()
        let file = file
        let sums = try pool.map(ranges.count) { (index) throws(AssayError) -> UInt32 in
            let bytes = try tensor.part(ranges[index])
            defer { bytes.release() }
            try file.write(bytes, at: offset + ranges[index].lowerBound)
            return bytes.withUnsafeBytes { CRC32.checksum(of: $0) }
        }
        return zip(sums, ranges).reduce(0) { CRC32.combine($0, $1.0, count: $1.1.count) }
    }
}

/// Deflating in memory.
enum Deflate {
    /// The bytes as a raw deflate stream.
    static func compress(_ bytes: ByteRegion) throws(AssayError) -> [UInt8] {
        guard bytes.count < Int(UInt32.max) / 2 else {
            throw AssayError(.writeFailed, "too large to be deflated in memory", found: "\(bytes.count) bytes")
        }
        var stream = z_stream()
        let windowBits = -MAX_WBITS
        let status = deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw AssayError(.writeFailed, "cannot be deflated: out of memory") }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        let result = bytes.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: bound) { target, count in
                stream.next_in = UnsafeMutablePointer(
                    mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(bound)
                count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? bound - Int(stream.avail_out) : 0
            }
        }
        guard !result.isEmpty else { throw AssayError(.writeFailed, "cannot be deflated") }
        return result
    }
}
