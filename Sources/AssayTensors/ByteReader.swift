// A cursor over bytes that checks every step.

/// Reads little-endian numbers one after the other; never beyond the end.
public struct ByteReader: Sendable {
    /// The bytes that are read.
    public let region: ByteRegion
    /// The offset of the next byte.
    public private(set) var offset: Int

    /// A reader that starts at `offset`.
    public init(_ region: ByteRegion, at offset: Int = 0) {
        self.region = region
        self.offset = offset
    }

    /// The bytes that are left.
    public var remaining: Int { max(0, region.count - offset) }

    /// Reads an integer.
    ///
    /// - Throws: `AssayError.unreadable` when the bytes end before it does.
    public mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) throws(AssayError) -> Value {
        let size = MemoryLayout<Value>.size
        guard offset >= 0, size <= remaining else { throw .unreadable("the data end early", offset: offset) }
        let value = region.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
        offset += size
        return Value(littleEndian: value)
    }

    /// Reads an unsigned 64-bit integer that must fit an `Int`, as offsets and sizes do.
    public mutating func readCount() throws(AssayError) -> Int {
        let start = offset
        guard let count = Int(exactly: try read(UInt64.self)) else {
            throw .unreadable("number too large", offset: start)
        }
        return count
    }

    /// Reads `count` bytes without copying them.
    public mutating func read(count: Int) throws(AssayError) -> ByteRegion {
        guard count >= 0, count <= remaining else { throw .unreadable("the data end early", offset: offset) }
        defer { offset += count }
        return try region.slice(at: offset, count: count)
    }

    /// Reads `count` bytes of UTF-8.
    public mutating func readText(count: Int) throws(AssayError) -> String {
        let start = offset
        let bytes = try read(count: count).array
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable("invalid UTF-8", offset: start)
        }
        return text
    }
}
