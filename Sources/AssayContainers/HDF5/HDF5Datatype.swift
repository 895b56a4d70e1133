// What the bytes of an element mean.

import AssayTensors

/// The type of the elements of a dataset or attribute.
public enum HDF5Datatype: Sendable, Hashable {
    /// Numbers or booleans. An enumeration is its integers, h5py's of FALSE and TRUE is `bool`.
    case number(ElementType, isBigEndian: Bool)
    /// Text.
    case string(HDF5StringType)
    /// Bytes without meaning; h5py writes bfloat16 and float8 so.
    case opaque(byteCount: Int, tag: String)
    /// Anything else (compounds, references, sequences, numbers of odd layout): shown, never read.
    case unsupported(String, byteCount: Int)

    /// Bytes of one element in the file.
    public var byteCount: Int {
        switch self {
        case .number(let type, _): type.byteCount
        case .string(let type): type.byteCount
        case .opaque(let byteCount, _), .unsupported(_, let byteCount): byteCount
        }
    }

    /// The type of a floating-point format by its layout, nil where none of ours has it.
    static func float(
        byteCount: Int, sign: UInt8, exponent: UInt8, exponentBits: UInt8, mantissa: UInt8, mantissaBits: UInt8,
        bias: UInt32
    ) -> ElementType? {
        // From the lowest bit: mantissa, exponent, sign, and nothing else.
        guard mantissa == 0, exponent == mantissaBits, Int(sign) == Int(exponent) + Int(exponentBits),
            Int(sign) == 8 * byteCount - 1
        else { return nil }
        return switch (byteCount, exponentBits, bias) {
        case (8, 11, 1023): .f64
        case (4, 8, 127): .f32
        case (2, 5, 15): .f16
        case (2, 8, 127): .bf16
        default: nil
        }
    }
}

extension HDF5Datatype: CustomStringConvertible {
    /// `float32`, `big-endian float32`, `string`, `3-byte string`, `2-byte opaque`, `compound`.
    public var description: String {
        switch self {
        case .number(let type, let isBigEndian): (isBigEndian ? "big-endian " : "") + type.displayName
        case .string(let type): type.length.map { "\($0)-byte string" } ?? "string"
        case .opaque(let byteCount, let tag): "\(byteCount)-byte opaque" + (tag.isEmpty ? "" : " (\(tag))")
        case .unsupported(let what, _): what
        }
    }
}

/// How strings are stored.
public struct HDF5StringType: Sendable, Hashable {
    /// How a string of fixed length ends that is shorter.
    public enum Padding: UInt8, Sendable, Hashable {
        /// At the first NUL.
        case nullTerminated = 0
        /// With NULs to the end, as NumPy's byte strings.
        case nulls = 1
        /// With spaces to the end.
        case spaces = 2
    }

    /// Bytes of every string, nil where the length varies.
    public var length: Int?
    /// How a shorter string of fixed length ends.
    public var padding: Padding
    /// Whether the file says that it is UTF-8, not ASCII. Both are read as UTF-8.
    public var isUTF8: Bool

    /// A way to store strings.
    public init(length: Int?, padding: Padding, isUTF8: Bool) {
        self.length = length
        self.padding = padding
        self.isUTF8 = isUTF8
    }

    /// Bytes of one element in the file: for a variable length, those of the reference to the text.
    var byteCount: Int { length ?? 16 }

    /// The text of one stored string, nil where it is not UTF-8.
    func text<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> String? {
        guard length != nil else { return String(validating: bytes, as: UTF8.self) }
        switch padding {
        case .nullTerminated: return String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
        case .nulls, .spaces:
            let pad: UInt8 = padding == .nulls ? 0 : 0x20
            let end = bytes.lastIndex { $0 != pad }.map { bytes.index(after: $0) } ?? bytes.startIndex
            return String(validating: bytes[..<end], as: UTF8.self)
        }
    }
}
