// Files in the seekable format, sound or wrong in one place, made apart from the code under test.

import CZstd

/// Builds a file of frames and a seek table, each part of which a test may spoil.
public struct SeekableBuilder {
    /// The frames as they go to the file.
    public var frames: [[UInt8]] = []
    /// The seek table's entries: compressed size, decoded size, checksum.
    public var entries: [[UInt32]] = []
    /// What the footer says of the number of frames, where it lies.
    public var declaredCount: UInt32?
    /// The seek table's descriptor.
    public var descriptor: UInt8 = 0x80

    /// A builder without frames.
    public init() {}

    /// Adds a frame with `content`.
    public mutating func add(_ content: [UInt8], checksum: Bool = true) {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory") }
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum ? 1 : 0)
        var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(content.count))
        frame.removeLast(frame.count - ZSTD_compress2(context, &frame, frame.count, content, content.count))
        frames.append(frame)
        let end = frame.suffix(4).reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        entries.append([UInt32(frame.count), UInt32(content.count), end])
    }

    /// The file.
    public var bytes: [UInt8] {
        var result = frames.flatMap(\.self)
        func append(_ value: UInt32) { withUnsafeBytes(of: value.littleEndian) { result += $0 } }
        append(0x184D_2A5E)
        append(UInt32(entries.count * 12 + 9))
        for value in entries.flatMap(\.self) { append(value) }
        append(declaredCount ?? UInt32(entries.count))
        result.append(descriptor)
        append(0x8F92_EAB1)
        return result
    }

    /// A safetensors header, length included.
    public static func header(_ json: String) -> [UInt8] {
        let text = Array(json.utf8)
        return (0..<8).map { UInt8(text.count >> (8 * $0) & 0xFF) } + text
    }
}
