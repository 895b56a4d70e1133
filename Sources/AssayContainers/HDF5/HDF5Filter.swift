// The filters that chunks go through: deflate, shuffle and fletcher32, undone.

import AssayTensors
import CZlib

/// A filter of a chunked dataset.
enum HDF5Filter: Sendable, Hashable {
    /// A zlib stream.
    case deflate
    /// First all first bytes of the elements, then all second ones, …
    case shuffle(elementSize: Int)
    /// A checksum of 32 bits behind the data.
    case fletcher32
    /// One that Assay does not know, by its registered number.
    case other(UInt32)

    /// A filter by its registered number and parameters.
    init(number: UInt32, parameters: [UInt32]) {
        switch number {
        case 1: self = .deflate
        case 2: self = .shuffle(elementSize: parameters.first.map(Int.init) ?? 1)
        case 3: self = .fletcher32
        default: self = .other(number)
        }
    }

    /// The most bytes that a deflate stream of `size` bytes yields: a match of 258 bytes takes two bits at least.
    static func maximumInflatedSize(of size: Int) -> Int { 1032 * (size + 1) }

    /// Undoes `filters` on stored bytes.
    ///
    /// - Parameter size: the number of bytes before any filter.
    /// - Throws: `AssayError.unreadable` when the bytes are damaged or yield another number of bytes.
    static func undo(_ filters: [HDF5Filter], on stored: ByteRegion, yielding size: Int) throws(AssayError)
        -> ByteRegion
    {
        var bytes = stored
        for (place, filter) in filters.enumerated().reversed() {
            switch filter {
            case .fletcher32: bytes = try checked(bytes)
            case .shuffle(let elementSize): bytes = unshuffled(bytes, elementSize: elementSize)
            case .deflate:
                let checksums = filters[..<place].count { $0 == .fletcher32 }
                bytes = try inflated(bytes, size: size + 4 * checksums)
            case .other: throw .unreadable("the filter is not supported", found: filter.description)
            }
        }
        guard bytes.count == size else {
            throw .unreadable("a chunk is damaged", expected: "\(size) bytes", found: "\(bytes.count)")
        }
        return bytes
    }

    private static func inflated(_ bytes: ByteRegion, size: Int) throws(AssayError) -> ByteRegion {
        guard size <= maximumInflatedSize(of: bytes.count) else { throw .unreadable("a chunk is damaged: deflate") }
        return try ByteRegion(count: size) { (buffer) throws(AssayError) in
            var length = uLongf(size)
            let status = bytes.withUnsafeBytes { source in
                uncompress(
                    buffer.baseAddress?.assumingMemoryBound(to: Bytef.self), &length,
                    source.baseAddress?.assumingMemoryBound(to: Bytef.self), uLong(source.count))
            }
            guard status == Z_OK, length == size else {
                throw .unreadable("a chunk is damaged: deflate", expected: "\(size) bytes", found: "\(length)")
            }
        }
    }

    private static func unshuffled(_ bytes: ByteRegion, elementSize: Int) -> ByteRegion {
        guard elementSize > 1, bytes.count >= elementSize else { return bytes }
        let count = bytes.count / elementSize
        return ByteRegion(count: bytes.count) { target in
            bytes.withUnsafeBytes { source in
                for byte in 0..<elementSize {
                    for element in 0..<count {
                        target[element * elementSize + byte] = source[byte * count + element]
                    }
                }
                // What is not a whole element stays where it is.
                for rest in (count * elementSize)..<bytes.count { target[rest] = source[rest] }
            }
        }
    }

    private static func checked(_ bytes: ByteRegion) throws(AssayError) -> ByteRegion {
        let data = try bytes.slice(at: 0, count: bytes.count - 4)
        var reader = ByteReader(bytes, at: data.count)
        let stored = try reader.read(UInt32.self)
        let sum = data.withUnsafeBytes { fletcher32($0) }
        // Some versions of libhdf5 stored the bytes of each half in the other order.
        let swapped = (sum & 0x00FF_00FF) << 8 | (sum >> 8) & 0x00FF_00FF
        guard stored == sum || stored == swapped else { throw .unreadable("a chunk is damaged: wrong checksum") }
        return data
    }

    /// Fletcher's checksum over 16-bit words, high byte first, as libhdf5 computes it (H5checksum.c).
    static func fletcher32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum1: UInt32 = 0
        var sum2: UInt32 = 0
        var offset = 0
        let pairs = bytes.count / 2 * 2
        while offset < pairs {
            // 360 words are the most before a sum can overflow.
            let end = min(offset + 720, pairs)
            while offset < end {
                sum1 &+= UInt32(bytes[offset]) << 8 | UInt32(bytes[offset + 1])
                sum2 &+= sum1
                offset += 2
            }
            sum1 = sum1 & 0xFFFF + sum1 >> 16
            sum2 = sum2 & 0xFFFF + sum2 >> 16
        }
        if pairs < bytes.count {
            sum1 &+= UInt32(bytes[pairs]) << 8
            sum2 &+= sum1
        }
        for _ in 0..<2 {
            sum1 = sum1 & 0xFFFF + sum1 >> 16
            sum2 = sum2 & 0xFFFF + sum2 >> 16
        }
        return sum2 << 16 | sum1
    }
}

extension HDF5Filter: CustomStringConvertible {
    var description: String {
        switch self {
        case .deflate: "deflate"
        case .shuffle: "shuffle"
        case .fletcher32: "fletcher32"
        case .other(let number):
            switch number {
            case 4: "szip"
            case 5: "nbit"
            case 6: "scaleoffset"
            case 32000: "lzf"
            case 32001: "blosc"
            case 32015: "zstd"
            default: "filter \(number)"
            }
        }
    }
}
