// The plan that `assay-hdf5 create` follows (Sources/HDF5Helper/PlanFormat.swift).

import AssayTensors

struct HDF5Plan {
    /// The helper's numbers for types.
    private enum Kind: UInt8 {
        case unsigned, signed, float, boolean, opaque, fixedASCII, fixedUTF8, variableASCII, variableUTF8
    }

    private var bytes: [UInt8] = Array("AHP1".utf8)

    mutating func addGroup(_ path: String) {
        bytes.append(UInt8(ascii: "G"))
        append(text: path)
    }

    mutating func addDataset(_ path: String, _ tensor: Tensor) {
        bytes.append(UInt8(ascii: "D"))
        append(text: path)
        append(type: tensor.type)
        append(extents: tensor.shape.extents)
    }

    /// - Throws: what decoding a tensor throws, and `AssayError.writeFailed` when a string is too long or has a NUL.
    mutating func addAttribute(_ name: String, of path: String, _ value: HDF5AttributeValue) throws(AssayError) {
        bytes.append(UInt8(ascii: "A"))
        append(text: path)
        append(text: name)
        switch value {
        case .string(let string, let type): try append(strings: [string], type, extents: [])
        case .strings(let strings, let type): try append(strings: strings, type, extents: [strings.count])
        case .tensor(let tensor):
            append(type: tensor.type)
            append(extents: tensor.shape.extents)
            append(bytes: try tensor.bytes().array)
        }
    }

    /// The whole plan.
    func finished() -> [UInt8] { bytes + [UInt8(ascii: "E")] }

    private mutating func append(strings: [String], _ type: HDF5StringType, extents: [Int]) throws(AssayError) {
        guard let length = type.length else {
            append(kind: type.isUTF8 ? .variableUTF8 : .variableASCII, size: 1)
            append(extents: extents)
            append(UInt32(strings.count))
            for string in strings {
                guard !string.utf8.contains(0) else { throw HDF5Plan.unwritable(string) }
                append(text: string)
            }
            return
        }
        append(kind: type.isUTF8 ? .fixedUTF8 : .fixedASCII, size: length)
        append(extents: extents)
        var all: [UInt8] = []
        for string in strings {
            let text = Array(string.utf8)
            guard text.count <= length, text.last != 0 else { throw HDF5Plan.unwritable(string) }
            all += text + [UInt8](repeating: 0, count: length - text.count)
        }
        append(bytes: all)
    }

    private mutating func append(type: ElementType) {
        switch type {
        case .f64, .f32, .f16: append(kind: .float, size: type.byteCount)
        case .bf16, .f8e4m3, .f8e5m2: append(kind: .opaque, size: type.byteCount)
        case .i64, .i32, .i16, .i8: append(kind: .signed, size: type.byteCount)
        case .u64, .u32, .u16, .u8: append(kind: .unsigned, size: type.byteCount)
        case .bool: append(kind: .boolean, size: 1)
        }
    }

    private mutating func append(kind: Kind, size: Int) {
        bytes.append(kind.rawValue)
        append(UInt32(size))
    }

    private mutating func append(extents: [Int]) {
        // 255 is a scalar, which has one element, where rank 0 would do as well.
        bytes.append(extents.isEmpty ? 255 : UInt8(extents.count))
        for extent in extents { append(UInt64(extent)) }
    }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(text: String) { append(bytes: Array(text.utf8)) }

    private mutating func append(bytes more: [UInt8]) {
        append(UInt32(more.count))
        bytes += more
    }

    private static func unwritable(_ string: String) -> AssayError {
        AssayError(.writeFailed, "a string does not fit its type", found: String(string.prefix(40)))
    }
}
