// The element types of safetensors by name.

import AssayTensors

/// The element types of safetensors, in the format's own order, which its writer sorts by.
enum SafeTensorsType {
    /// The types that Assay holds, by ascending rank.
    private static let known: [(name: String, type: ElementType)] = [
        ("BOOL", .bool), ("U8", .u8), ("I8", .i8), ("F8_E5M2", .f8e5m2), ("F8_E4M3", .f8e4m3), ("I16", .i16),
        ("U16", .u16), ("F16", .f16), ("BF16", .bf16), ("I32", .i32), ("U32", .u32), ("F32", .f32), ("F64", .f64),
        ("I64", .i64), ("U64", .u64),
    ]

    /// The types of the format that Assay does not hold.
    private static let others: Set<String> = [
        "F4", "F6_E2M3", "F6_E3M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64",
    ]

    /// The name of a type.
    static func name(of type: ElementType) -> String {
        known.first { $0.type == type }?.name ?? type.displayName
    }

    /// The type called `name`.
    ///
    /// - Throws: `AssayError.unreadable` when there is none, or Assay does not hold it.
    static func type(named name: String) throws(AssayError) -> ElementType {
        if let entry = known.first(where: { $0.name == name }) { return entry.type }
        throw .unreadable(
            others.contains(name) ? "the element type \(name) is not supported" : "unknown element type",
            expected: "one of \(known.map(\.name).joined(separator: " "))", found: name)
    }

    /// The place in the format's own order.
    static func rank(of type: ElementType) -> Int { known.firstIndex { $0.type == type } ?? 0 }
}
