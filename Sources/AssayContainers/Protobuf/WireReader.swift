// The wire format of protocol buffers, field by field, without knowing the messages.

import AssayTensors

/// One field of a message on the wire.
public struct WireField: Sendable, Hashable {
    /// The number in the message's declaration.
    public let number: Int
    /// Where its bytes lie in the region, its tag included.
    public let whole: Range<Int>
    /// Where the bytes of a length-delimited field lie; nil for a number.
    public let content: Range<Int>?
    /// The value of a variable-length integer; nil for other fields.
    public let integer: UInt64?
}

/// Reads the fields of one message one after the other; never beyond its end.
///
/// Groups, which no format of today uses, are refused.
public struct WireReader: Sendable {
    private var reader: ByteReader
    private let end: Int

    /// The message that lies at `range` of `region`.
    ///
    /// - Precondition: the range lies inside the region.
    public init(_ region: ByteRegion, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= region.count, "the message lies in the region")
        reader = ByteReader(region, at: range.lowerBound)
        end = range.upperBound
    }

    /// The message that a whole region is.
    public init(_ region: ByteRegion) { self.init(region, 0..<region.count) }

    /// The next field; nil at the end of the message.
    ///
    /// - Throws: `AssayError.unreadable` for bytes that are no field, or a field that leaves the message.
    public mutating func next() throws(AssayError) -> WireField? {
        let start = reader.offset
        guard start < end else { return nil }
        let tag = try readInteger()
        guard let number = Int(exactly: tag >> 3), (1...WireReader.greatestNumber).contains(number) else {
            throw damaged("field number \(tag >> 3)", at: start)
        }
        switch tag & 7 {
        case 0:
            let value = try readInteger()
            return WireField(number: number, whole: start..<reader.offset, content: nil, integer: value)
        case 1: try skip(8, from: start)
        case 2:
            let length = try readInteger()
            let content = reader.offset
            guard let count = Int(exactly: length) else { throw damaged("length \(length)", at: start) }
            try skip(count, from: start)
            return WireField(
                number: number, whole: start..<reader.offset, content: content..<reader.offset, integer: nil)
        case 5: try skip(4, from: start)
        case let type: throw damaged("wire type \(type)", at: start)
        }
        return WireField(number: number, whole: start..<reader.offset, content: nil, integer: nil)
    }

    /// The greatest field number that the format allows.
    private static let greatestNumber = 1 << 29 - 1

    private mutating func skip(_ count: Int, from start: Int) throws(AssayError) {
        guard count <= end - reader.offset else {
            throw .unreadable(
                "a field is longer than what holds it", expected: "at most \(end - reader.offset) bytes",
                found: "\(count)", offset: start)
        }
        _ = try reader.read(count: count)
    }

    /// A variable-length integer: seven bits a byte, the lowest first, at most ten bytes.
    private mutating func readInteger() throws(AssayError) -> UInt64 {
        let start = reader.offset
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard reader.offset < end else { throw .unreadable("the message ends early", offset: start) }
            let byte = try reader.read(UInt8.self)
            value |= UInt64(byte & 0x7F) << UInt64(min(shift, 63))
            if byte & 0x80 == 0 { return value }
        }
        throw damaged("an integer of more than ten bytes", at: start)
    }

    private func damaged(_ found: String, at offset: Int) -> AssayError {
        .unreadable("is no protocol buffer", found: found, offset: offset)
    }
}
