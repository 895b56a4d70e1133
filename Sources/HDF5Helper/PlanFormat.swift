// The plan that `create` reads on standard input, and its answer. Numbers are little-endian; `text` is a u32 count of
// bytes and the bytes.
//
//     plan   = "AHP1"  record…  'E'
//     record = 'G' text path                            group, after those above it
//            | 'D' text path  type  space               dataset, contiguous, its bytes left to the caller
//            | 'A' text path  text name  type  space    attribute of an object that is there already:
//              u32 count, text each                     for strings of variable length
//              text bytes of the elements               for all other types
//     type   = u8 kind  u32 bytes of an element         kinds: PlanType
//     space  = u8 rank, u64 extent…                     rank 255: a scalar
//
//     answer = "AHO1"  u64 offset of each dataset's first byte in order (all ones where it has none)  'E'
//            | … 'X' text why

import Glibc

/// The types that a plan can ask for.
enum PlanType: UInt8 {
    case unsigned, signed, float, boolean, opaque, fixedASCII, fixedUTF8, variableASCII, variableUTF8

    var isVariable: Bool { self == .variableASCII || self == .variableUTF8 }
    var isUTF8: Bool { self == .fixedUTF8 || self == .variableUTF8 }
}

/// Reads a plan from standard input, number by number.
struct PlanReader {
    static let magic: [UInt8] = Array("AHP1".utf8)

    private var bytes: ArraySlice<UInt8>

    /// Reads all of standard input.
    static func readStandardInput() throws(HDF5Failure) -> PlanReader {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(0, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw HDF5Failure("the plan cannot be read") }
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        var reader = PlanReader(bytes: bytes[...])
        guard try reader.take(magic.count) == magic[...] else { throw HDF5Failure("the plan is of another version") }
        return reader
    }

    mutating func take(_ count: Int) throws(HDF5Failure) -> ArraySlice<UInt8> {
        guard count <= bytes.count else { throw HDF5Failure("the plan ends early") }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type
    ) throws(HDF5Failure) -> Number {
        try take(MemoryLayout<Number>.size).reversed().reduce(0) { $0 << 8 | Number($1) }
    }

    /// Bytes that are preceded by their count.
    mutating func text() throws(HDF5Failure) -> [UInt8] { Array(try take(Int(number(UInt32.self)))) }

    /// Text with a NUL behind it.
    mutating func name() throws(HDF5Failure) -> [CChar] { try text().map { CChar(bitPattern: $0) } + [0] }

    mutating func type() throws(HDF5Failure) -> (kind: PlanType, size: Int) {
        guard let kind = PlanType(rawValue: try number(UInt8.self)) else {
            throw HDF5Failure("the plan has an unknown type")
        }
        return (kind, Int(try number(UInt32.self)))
    }

    /// Extents, nil for a scalar.
    mutating func extents() throws(HDF5Failure) -> [UInt64]? {
        let rank = try number(UInt8.self)
        guard rank != 255 else { return nil }
        var extents: [UInt64] = []
        for _ in 0..<rank { extents.append(try number(UInt64.self)) }
        return extents
    }
}
