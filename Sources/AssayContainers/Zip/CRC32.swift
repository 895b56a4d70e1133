// CRC-32 as zip uses it, by zlib, over parts that several threads share out.

import AssayTensors
import CZlib

/// Checksums of the zip format.
enum CRC32 {
    /// The checksum of `bytes` that follow what gave `start`.
    static func checksum(of bytes: UnsafeRawBufferPointer, continuing start: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return start }
        return UInt32(crc32_z(UInt(start), base.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    /// The checksum of two parts from those of each; the second has `count` bytes.
    static func combine(_ first: UInt32, _ second: UInt32, count: Int) -> UInt32 {
        UInt32(crc32_combine(UInt(first), UInt(second), count))
    }

    /// The checksum of a region, which is let go as it is read.
    static func checksum(of region: ByteRegion, pool: ThreadPool) throws(AssayError) -> UInt32 {
        let partSize = 1 << 22
        let count = (region.count + partSize - 1) / partSize
        let sums = try pool.map(count) { (index) throws(AssayError) -> (sum: UInt32, count: Int) in
            let start = index * partSize
            let part = try region.slice(at: start, count: min(partSize, region.count - start))
            defer { part.release() }
            return (part.withUnsafeBytes { checksum(of: $0) }, part.count)
        }
        return sums.reduce(0) { combine($0, $1.sum, count: $1.count) }
    }

    static func mismatch(in member: ZipMember) -> AssayError {
        .unreadable("damaged: its checksum (CRC-32) does not fit its bytes", object: member.name)
    }
}
