// The header of an NPY array (numpy/lib/format.py): magic, version, and a Python dictionary in text.

import AssayTensors

/// What an NPY header says, checked.
struct NPYHeader: Hashable {
    var type: ElementType
    var isBigEndian: Bool
    var isFortranOrder: Bool
    var shape: Shape

    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// The longest header text that is read; NumPy itself stops at 10,000 characters.
    static let maximumLength = 1 << 16
    /// The bytes from which any header that is accepted can be read.
    static let maximumSize = 12 + maximumLength

    /// Reads a header at the start of `bytes`; gives it and its size.
    ///
    /// - Parameter typeName: the element type's name for elements that NPY itself cannot name (`<V2`), or empty.
    static func read(_ bytes: ByteRegion, typeName: String = "") throws(AssayError) -> (NPYHeader, size: Int) {
        var reader = ByteReader(bytes)
        guard reader.remaining >= 8, try reader.read(count: 6).array == magic else {
            throw .unreadable("not an NPY array: no magic number")
        }
        let version = (try reader.read(UInt8.self), try reader.read(UInt8.self))
        guard (1...3).contains(version.0), version.1 == 0 else {
            throw .unreadable(
                "unknown version of NPY", expected: "1.0, 2.0 or 3.0", found: "\(version.0).\(version.1)")
        }
        let length = version.0 == 1 ? Int(try reader.read(UInt16.self)) : Int(try reader.read(UInt32.self))
        guard length <= maximumLength, length <= reader.remaining else {
            throw .unreadable("the header ends early or is too long", found: "\(length) bytes")
        }
        var parser = NPYHeaderParser(text: try reader.read(count: length).array)
        let fields = try parser.parse()
        return (try NPYHeader(fields, typeName: typeName), reader.offset)
    }

    private init(_ fields: NPYHeaderParser.Fields, typeName: String) throws(AssayError) {
        (type, isBigEndian) = try NPYHeader.elementType(fields.descriptor, typeName: typeName)
        isFortranOrder = fields.isFortranOrder
        shape = try Shape(checking: fields.extents)
    }

    init(type: ElementType, shape: Shape) {
        self.type = type
        self.shape = shape
        isBigEndian = false
        isFortranOrder = false
    }

    /// The header's bytes: version 1, or 2 where version 1 has no room; the data begin at a multiple of 64.
    var encoded: [UInt8] {
        let extents = shape.extents.map(String.init).joined(separator: ", ") + (shape.rank == 1 ? "," : "")
        let text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(extents)), }"
        let isLong = text.utf8.count + 1 + 10 + 64 > Int(UInt16.max)
        let prefix = isLong ? 12 : 10
        let total = (prefix + text.utf8.count + 1 + 63) / 64 * 64
        var record = RecordBuilder()
        record.append(NPYHeader.magic)
        record.append([isLong ? 2 : 1, 0])
        if isLong { record.append(UInt32(total - prefix)) } else { record.append(UInt16(total - prefix)) }
        record.append(text.utf8)
        record.append(repeatElement(UInt8(ascii: " "), count: total - prefix - text.utf8.count - 1))
        record.append([UInt8(ascii: "\n")])
        return record.bytes
    }

    // MARK: Element types

    private static let codes: [(code: String, type: ElementType)] = [
        ("f8", .f64), ("f4", .f32), ("f2", .f16), ("i8", .i64), ("i4", .i32), ("i2", .i16), ("i1", .i8),
        ("u8", .u64), ("u4", .u32), ("u2", .u16), ("u1", .u8), ("b1", .bool),
    ]

    /// What NPY calls the type. It has no names for bfloat16 and float8: they are raw bytes, as ml_dtypes saves them.
    private var descriptor: String {
        let code = NPYHeader.codes.first { $0.type == type }?.code ?? "V\(type.byteCount)"
        return (type.byteCount == 1 ? "|" : "<") + code
    }

    /// The name that must travel beside the array, empty where the descriptor says everything.
    static func typeName(for type: ElementType) -> String {
        codes.contains { $0.type == type } ? "" : type.displayName
    }

    private static func elementType(
        _ descriptor: String, typeName: String
    ) throws(AssayError) -> (ElementType, isBigEndian: Bool) {
        let order = descriptor.first ?? " "
        let code = String(descriptor.dropFirst())
        if code.hasPrefix("O") {
            throw .unreadable("holds pickled Python objects, which are never loaded", found: descriptor)
        }
        if let entry = codes.first(where: { $0.code == code }), "<>|=".contains(order) {
            return (entry.type, order == ">")
        }
        if code.hasPrefix("V"), let type = ElementType(displayName: typeName), code == "V\(type.byteCount)" {
            return (type, false)
        }
        throw .unreadable(
            code.hasPrefix("V") ? "raw bytes of no known type" : "element type that is not numeric",
            expected: "floats, integers or booleans", found: "descr \(descriptor)",
            hint: code == "V2"
                ? "NumPy files do not name bfloat16; save the array as float32, or the model as safetensors" : nil)
    }
}
