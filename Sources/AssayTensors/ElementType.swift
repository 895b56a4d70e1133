// The types that a tensor's elements can have.

/// The type of a tensor's elements. Multi-byte elements are little-endian in memory.
public enum ElementType: String, Sendable, Hashable, CaseIterable, Codable {
    /// IEEE 754 binary64.
    case f64
    /// IEEE 754 binary32.
    case f32
    /// IEEE 754 binary16.
    case f16
    /// The upper half of a binary32.
    case bf16
    /// Four exponent bits, three mantissa bits, no infinities (OCP FP8 E4M3, "fn" in ml_dtypes).
    case f8e4m3
    /// Five exponent bits, two mantissa bits, IEEE-like (OCP FP8 E5M2).
    case f8e5m2
    /// Signed 64-bit integer.
    case i64
    /// Signed 32-bit integer.
    case i32
    /// Signed 16-bit integer.
    case i16
    /// Signed 8-bit integer.
    case i8
    /// Unsigned 64-bit integer.
    case u64
    /// Unsigned 32-bit integer.
    case u32
    /// Unsigned 16-bit integer.
    case u16
    /// Unsigned 8-bit integer.
    case u8
    /// One byte, 0 or 1.
    case bool

    /// Bytes of one element.
    public var byteCount: Int {
        switch self {
        case .f64, .i64, .u64: 8
        case .f32, .i32, .u32: 4
        case .f16, .bf16, .i16, .u16: 2
        case .f8e4m3, .f8e5m2, .i8, .u8, .bool: 1
        }
    }

    /// Whether elements are floating-point numbers.
    public var isFloatingPoint: Bool {
        switch self {
        case .f64, .f32, .f16, .bf16, .f8e4m3, .f8e5m2: true
        default: false
        }
    }

    /// Whether elements are integers, signed or not (booleans are not).
    public var isInteger: Bool { !isFloatingPoint && self != .bool }

    /// The name that NumPy, Keras and people use: `float32`, `int64`, `bool`, …
    public var displayName: String {
        switch self {
        case .f64: "float64"
        case .f32: "float32"
        case .f16: "float16"
        case .bf16: "bfloat16"
        case .f8e4m3: "float8_e4m3fn"
        case .f8e5m2: "float8_e5m2"
        case .i64: "int64"
        case .i32: "int32"
        case .i16: "int16"
        case .i8: "int8"
        case .u64: "uint64"
        case .u32: "uint32"
        case .u16: "uint16"
        case .u8: "uint8"
        case .bool: "bool"
        }
    }

    /// The type that NumPy and Keras call `name`, nil when there is none.
    public init?(displayName name: String) {
        guard let type = ElementType.allCases.first(where: { $0.displayName == name }) else { return nil }
        self = type
    }
}
