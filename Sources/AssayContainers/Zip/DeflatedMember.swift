// Inflating a member of a zip archive, within the bounds that its directory entry declares.

import AssayTensors
import CZlib

/// A deflated member. Any range can be asked for; inflating always begins at the start, and what lies before the range
/// is thrown away, so memory is bounded by what is asked for.
struct DeflatedMember: TensorDecoder {
    let member: ZipMember
    let stored: ByteRegion

    var byteCount: Int { member.size }
    // Parts would inflate everything before them again.
    var preferredPartSize: Int { max(member.size, 1) }

    /// Inflates the bytes `range`. The checksum is verified when the range reaches the content's end.
    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        try stored.withUnsafeBytes { (source) throws(AssayError) in
            let stream = try InflateStream(source, name: member.name)
            var checksum: UInt32 = 0
            try stream.skip(range.lowerBound, checksum: &checksum)
            let target = UnsafeMutableRawBufferPointer(rebasing: destination[..<range.count])
            try stream.fill(target)
            guard range.upperBound == member.size else { return }
            try stream.finish()
            checksum = CRC32.checksum(of: UnsafeRawBufferPointer(target), continuing: checksum)
            guard checksum == member.checksum else { throw CRC32.mismatch(in: member) }
        }
    }
}

/// A raw deflate stream that is read forward.
private final class InflateStream {
    // zlib keeps the stream's address, so it must not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var source: UnsafeRawBufferPointer
    private let name: String
    private var hasEnded = false

    init(_ source: UnsafeRawBufferPointer, name: String) throws(AssayError) {
        self.source = source
        self.name = name
        stream.initialize(to: z_stream())
        // Negative window bits: deflate without the zlib wrapper.
        let status = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .unreadable("cannot be inflated: out of memory", object: name) }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    private var failure: AssayError { .unreadable("damaged deflate stream", object: name) }

    /// Inflates exactly as many bytes as `target` has.
    func fill(_ target: UnsafeMutableRawBufferPointer) throws(AssayError) {
        var done = 0
        while done < target.count {
            let written = try step(into: UnsafeMutableRawBufferPointer(rebasing: target[done...]))
            guard written > 0 else { throw failure }
            done += written
        }
    }

    /// Inflates `count` bytes for their checksum alone.
    func skip(_ count: Int, checksum: inout UInt32) throws(AssayError) {
        guard count > 0 else { return }
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: min(count, 1 << 16), alignment: 16)
        defer { scratch.deallocate() }
        var left = count
        while left > 0 {
            let part = UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(left, scratch.count)])
            try fill(part)
            checksum = CRC32.checksum(of: UnsafeRawBufferPointer(part), continuing: checksum)
            left -= part.count
        }
    }

    /// The stream must end here, with all its stored bytes used.
    func finish() throws(AssayError) {
        if !hasEnded {
            var extra: UInt8 = 0
            let written = try withUnsafeMutableBytes(of: &extra) { (byte) throws(AssayError) in try step(into: byte) }
            guard written == 0, hasEnded else {
                throw .unreadable("inflates to more than its declared size", object: name)
            }
        }
        guard source.isEmpty else { throw .unreadable("bytes follow the deflate stream", object: name) }
    }

    /// Inflates into `target` as far as one call goes; gives the number of bytes.
    private func step(into target: UnsafeMutableRawBufferPointer) throws(AssayError) -> Int {
        guard !hasEnded else { throw failure }
        // zlib counts in 32 bits.
        let input = min(source.count, 1 << 30)
        let output = min(target.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(input)
        stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output)
        let status = inflate(stream, Z_NO_FLUSH)
        guard status == Z_OK || status == Z_STREAM_END else { throw failure }
        hasEnded = status == Z_STREAM_END
        source = UnsafeRawBufferPointer(rebasing: source[(input - Int(stream.pointee.avail_in))...])
        return output - Int(stream.pointee.avail_out)
    }
}
