// Parses and checks what `assay-hdf5 index` prints (Sources/HDF5Helper/IndexFormat.swift). A damaged file may have misled
// the helper, so nothing of it is believed.

import AssayTensors
import OrderedCollections

struct HDF5IndexParser {
    private var reader: ByteReader
    private let file: ByteRegion
    private var objects: [HDF5Node] = []
    /// The largest object number that a link has named.
    private var highestNumber = 0

    /// The objects of the file whose bytes are `file`, the root group first.
    ///
    /// - Throws: `AssayError.unreadable` when the stream ends early or contradicts itself or the file.
    static func parse(_ stream: ByteRegion, of file: ByteRegion) throws(AssayError) -> [HDF5Node] {
        guard isOfThisVersion(stream) else { throw .unreadable("assay-hdf5 is of another version than this program") }
        var parser = HDF5IndexParser(reader: ByteReader(stream), file: file)
        do throws(AssayError) {
            try parser.run()
        } catch {
            var error = error
            // Offsets in the stream mean nothing to the reader of the message.
            error.location.offset = nil
            throw .unreadable("damaged HDF5 file: \(error)")
        }
        return parser.objects
    }

    /// Whether a stream begins as the index of this version does, or is a refusal, or nothing at all.
    private static func isOfThisVersion(_ stream: ByteRegion) -> Bool {
        guard let start = try? stream.slice(at: 0, count: magic.count).array else { return true }
        return start == magic || start.first == UInt8(ascii: "X")
    }

    private static let magic = Array("AHI2".utf8)

    private init(reader: ByteReader, file: ByteRegion) {
        self.reader = reader
        self.file = file
    }

    private mutating func run() throws(AssayError) {
        var kind = try reader.read(UInt8.self)
        if kind == HDF5IndexParser.magic.first {
            _ = try reader.read(count: HDF5IndexParser.magic.count - 1)
            guard try reader.readCount() == file.count else { throw .unreadable("the file changed while it was read") }
            kind = try reader.read(UInt8.self)
        }
        while kind != UInt8(ascii: "E") {
            switch kind {
            case UInt8(ascii: "G"): try parseGroup()
            case UInt8(ascii: "D"): try parseDataset()
            case UInt8(ascii: "T"):
                _ = try parseAttributes()
                objects.append(.datatype)
            case UInt8(ascii: "X"): throw .unreadable(try text())
            default: throw .unreadable("unknown record")
            }
            kind = try reader.read(UInt8.self)
        }
        try checkEnd()
    }

    private mutating func checkEnd() throws(AssayError) {
        let count = Int(try reader.read(UInt32.self))
        guard count == objects.count, highestNumber < count, case .group? = objects.first else {
            throw .unreadable("a link leads nowhere")
        }
    }

    // MARK: Objects

    private mutating func parseGroup() throws(AssayError) {
        let attributes = try parseAttributes()
        var members: OrderedDictionary<String, HDF5Link> = [:]
        for _ in 0..<(try reader.read(UInt32.self)) {
            let name = try text()
            let link: HDF5Link
            switch try reader.read(UInt8.self) {
            case 0:
                let number = Int(try reader.read(UInt32.self))
                highestNumber = max(highestNumber, number)
                link = .object(number)
            case 1: link = .refused("a soft link that leads nowhere (\(try text()))")
            default: link = .refused("a link to another file, which is not followed (\(try text()))")
            }
            guard members.updateValue(link, forKey: name) == nil else {
                throw .unreadable("two members of a group have one name", found: name)
            }
        }
        objects.append(.group(attributes: attributes, members: members))
    }

    private mutating func parseDataset() throws(AssayError) {
        let attributes = try parseAttributes()
        let type = try parseType()
        let extents = try parseSpace()
        let layout = try parseLayout(rank: extents?.count ?? 0)
        try layout.check(extents: extents, elementSize: type.byteCount, fileSize: file.count)
        objects.append(
            .dataset(HDF5DatasetNode(attributes: attributes, type: type, extents: extents, layout: layout)))
    }

    /// Extents, nil for a null dataspace.
    private mutating func parseSpace() throws(AssayError) -> [Int]? {
        switch try reader.read(UInt8.self) {
        case 0: return nil
        case 1: return []
        default:
            var extents: [Int] = []
            for _ in 0..<(try reader.read(UInt8.self)) { extents.append(try reader.readCount()) }
            return extents
        }
    }

    private mutating func text() throws(AssayError) -> String {
        try reader.readText(count: Int(reader.read(UInt32.self)))
    }

    private mutating func bytes() throws(AssayError) -> ByteRegion {
        try reader.read(count: Int(reader.read(UInt32.self)))
    }

    private mutating func flag() throws(AssayError) -> Bool { try reader.read(UInt8.self) != 0 }
}

// MARK: - Types

extension HDF5IndexParser {
    private mutating func parseType() throws(AssayError) -> HDF5Datatype {
        let kind = try reader.read(UInt8.self)
        let size = Int(try reader.read(UInt32.self))
        guard size > 0 else { throw .unreadable("elements of no bytes") }
        switch kind {
        case 0: return try parseInteger(size)
        case 1: return try parseFloat(size)
        case 2:
            let isVariable = try flag()
            guard let padding = HDF5StringType.Padding(rawValue: try reader.read(UInt8.self)) else {
                throw .unreadable("unknown padding of strings")
            }
            return .string(HDF5StringType(length: isVariable ? nil : size, padding: padding, isUTF8: try flag()))
        case 3: return try parseEnumeration(size)
        case 4: return .opaque(byteCount: size, tag: try text())
        default: return .unsupported(try text(), byteCount: size)
        }
    }

    private mutating func parseInteger(_ size: Int) throws(AssayError) -> HDF5Datatype {
        let isBigEndian = try flag()
        let isSigned = try flag()
        let isPlain = try flag()
        let type: ElementType? =
            switch size {
            case 1: isSigned ? .i8 : .u8
            case 2: isSigned ? .i16 : .u16
            case 4: isSigned ? .i32 : .u32
            case 8: isSigned ? .i64 : .u64
            default: nil
            }
        guard isPlain, let type else { return .unsupported("integer of odd layout", byteCount: size) }
        return .number(type, isBigEndian: isBigEndian && size > 1)
    }

    private mutating func parseFloat(_ size: Int) throws(AssayError) -> HDF5Datatype {
        let isBigEndian = try flag()
        let isPlain = try flag()
        var places: [UInt8] = []
        for _ in 0..<5 { places.append(try reader.read(UInt8.self)) }
        let bias = try reader.read(UInt32.self)
        let type = HDF5Datatype.float(
            byteCount: size, sign: places[0], exponent: places[1], exponentBits: places[2], mantissa: places[3],
            mantissaBits: places[4], bias: bias)
        guard isPlain, let type else { return .unsupported("float of odd layout", byteCount: size) }
        return .number(type, isBigEndian: isBigEndian)
    }

    private mutating func parseEnumeration(_ size: Int) throws(AssayError) -> HDF5Datatype {
        guard try reader.read(UInt8.self) == 0 else { throw .unreadable("an enumeration of no integers") }
        guard Int(try reader.read(UInt32.self)) == size else { throw .unreadable("an enumeration of another size") }
        let base = try parseInteger(size)
        var members: [String: [UInt8]] = [:]
        for _ in 0..<(try reader.read(UInt32.self)) {
            let name = try text()
            members[name] = try bytes().array
        }
        // h5py's boolean.
        if size == 1, members == ["FALSE": [0], "TRUE": [1]] { return .number(.bool, isBigEndian: false) }
        return base
    }
}

// MARK: - Attributes

extension HDF5IndexParser {
    private mutating func parseAttributes() throws(AssayError) -> OrderedDictionary<String, HDF5Attribute> {
        var attributes: OrderedDictionary<String, HDF5Attribute> = [:]
        for _ in 0..<(try reader.read(UInt32.self)) {
            let name = try text()
            guard attributes.updateValue(try parseAttribute(), forKey: name) == nil else {
                throw .unreadable("two attributes of an object have one name", found: name)
            }
        }
        return attributes
    }

    private mutating func parseAttribute() throws(AssayError) -> HDF5Attribute {
        let type = try parseType()
        let extents = try parseSpace()
        let shape = try Shape(checking: extents ?? [0])
        let value: HDF5Attribute.Value
        switch try reader.read(UInt8.self) {
        case 0: value = try parseValue(type, shape)
        case 1: value = try parseStrings(type, shape)
        default: value = .unsupported(type.description)
        }
        return HDF5Attribute(value: extents == nil ? .empty : value, shape: shape, storedType: type)
    }

    private mutating func parseValue(_ type: HDF5Datatype, _ shape: Shape) throws(AssayError) -> HDF5Attribute.Value {
        let bytes = try bytes()
        let (size, overflow) = shape.count.multipliedReportingOverflow(by: type.byteCount)
        guard !overflow, size == bytes.count else { throw .unreadable("an attribute of another size than its shape") }
        switch type {
        case .number(let element, let isBigEndian):
            let tensor = try Tensor(type: element, shape: shape, region: bytes)
            guard isBigEndian else { return .tensor(tensor) }
            let swap = HDF5SwapDecoder(bytes: bytes, elementSize: element.byteCount)
            return .tensor(try Tensor(type: element, shape: shape, decoder: swap).loaded())
        case .string(let type):
            let raw = bytes.array
            let texts = (0..<shape.count).compactMap { place in
                type.text(raw[(place * type.byteCount)..<((place + 1) * type.byteCount)])
            }
            return texts.count == shape.count ? .strings(texts) : .bytes(bytes)
        case .opaque: return .bytes(bytes)
        case .unsupported(let what, _): return .unsupported(what)
        }
    }

    private mutating func parseStrings(_ type: HDF5Datatype, _ shape: Shape) throws(AssayError) -> HDF5Attribute.Value {
        guard case .string(let type) = type, type.length == nil, Int(try reader.read(UInt32.self)) == shape.count else {
            throw .unreadable("an attribute of another size than its shape")
        }
        var texts: [String] = []
        var invalid: ByteRegion?
        for _ in 0..<shape.count {
            let raw = try bytes()
            if let text = type.text(raw.array) { texts.append(text) } else { invalid = invalid ?? raw }
        }
        return invalid.map { .bytes($0) } ?? .strings(texts)
    }
}

// MARK: - Layouts

extension HDF5IndexParser {
    private mutating func parseLayout(rank: Int) throws(AssayError) -> HDF5Layout {
        switch try reader.read(UInt8.self) {
        case 0: return .refused(try text())
        case 1: return .compact(try bytes())
        case 2:
            return .contiguous(offset: try parseOffset(), allocated: try reader.readCount(), fill: try bytes().array)
        case 3: return .chunked(try parseChunks(rank: rank))
        default: throw .unreadable("unknown layout")
        }
    }

    /// An offset in the file, nil for "nowhere".
    private mutating func parseOffset() throws(AssayError) -> Int? {
        let value = try reader.read(UInt64.self)
        guard value != .max else { return nil }
        guard let offset = Int(exactly: value) else { throw .unreadable("the data leave the file") }
        return offset
    }

    private mutating func parseChunks(rank: Int) throws(AssayError) -> HDF5Chunks {
        let fill = try bytes().array
        var extents: [Int] = []
        for _ in 0..<rank { extents.append(try reader.readCount()) }
        let partialChunksSkipFilters = try flag()
        var filters: [HDF5Filter] = []
        for _ in 0..<(try reader.read(UInt8.self)) {
            let number = try reader.read(UInt32.self)
            var parameters: [UInt32] = []
            for _ in 0..<(try reader.read(UInt8.self)) { parameters.append(try reader.read(UInt32.self)) }
            filters.append(HDF5Filter(number: number, parameters: parameters))
        }
        var chunks: [HDF5Chunks.Chunk] = []
        for _ in 0..<(try reader.read(UInt32.self)) {
            chunks.append(
                HDF5Chunks.Chunk(
                    offset: try parseOffset(), size: try reader.readCount(),
                    skippedFilters: try reader.read(UInt32.self)))
        }
        return HDF5Chunks(
            fill: fill, extents: extents, partialChunksSkipFilters: partialChunksSkipFilters, filters: filters,
            chunks: chunks)
    }
}
