// The header of a safetensors file, with every rule of the format enforced (huggingface/safetensors, README "Format" and
// safetensors/src/tensor.rs).

import AssayTensors
import OrderedCollections

/// A safetensors header: what lies where in the buffer behind it.
struct SafeTensorsHeader {
    /// One tensor.
    struct Entry {
        let type: ElementType
        let shape: Shape
        /// The tensor's bytes in the buffer.
        let range: Range<Int>
    }

    private(set) var entries: OrderedDictionary<String, Entry> = [:]
    private(set) var metadata: OrderedDictionary<String, String> = [:]

    /// The longest header, as the official reader has it.
    static let maximumLength = 100_000_000
    static let metadataKey = "__metadata__"

    /// The header's length from the first 8 bytes of a file of `fileSize` bytes.
    static func length(in bytes: ByteRegion, fileSize: Int) throws(AssayError) -> Int {
        var reader = ByteReader(bytes)
        guard reader.remaining >= 8 else {
            throw .unreadable(
                "not a safetensors file: too short", expected: "at least 8 bytes", found: "\(bytes.count)")
        }
        let length = try reader.read(UInt64.self)
        guard length <= UInt64(maximumLength), Int(length) <= fileSize - 8 else {
            throw .unreadable(
                "the header is longer than the file or the limit of the format",
                expected: "at most \(min(maximumLength, fileSize - 8)) bytes", found: "\(length)")
        }
        return Int(length)
    }

    /// Reads the JSON text of a header.
    ///
    /// - Parameter bufferSize: the bytes that follow the header, which the tensors must cover exactly.
    init(_ text: ByteRegion, bufferSize: Int) throws(AssayError) {
        guard text.withSpan({ $0.byteCount > 0 && $0.unsafeLoad(as: UInt8.self) == UInt8(ascii: "{") }) else {
            throw .unreadable("the header of a safetensors file must start with {")
        }
        let json = try JSON(parsing: text, limits: .init(depth: 8, allowsNonFinite: false))
        guard let members = json.object else { throw .unreadable("the header must be a JSON object") }
        entries.reserveCapacity(members.count)
        for (name, value) in members {
            if name == SafeTensorsHeader.metadataKey {
                metadata = try SafeTensorsHeader.metadata(value)
                continue
            }
            do throws(AssayError) {
                entries[name] = try SafeTensorsHeader.entry(value)
            } catch {
                throw error.located(object: name)
            }
        }
        try checkCoverage(bufferSize: bufferSize)
    }

    private static func metadata(_ json: JSON) throws(AssayError) -> OrderedDictionary<String, String> {
        guard let members = json.object else { throw .unreadable("must be an object of texts", object: metadataKey) }
        var result: OrderedDictionary<String, String> = [:]
        for (key, value) in members {
            guard let text = value.string else {
                throw .unreadable("the value of \"\(key)\" is not a text", object: metadataKey)
            }
            result[key] = text
        }
        return result
    }

    private static func entry(_ json: JSON) throws(AssayError) -> Entry {
        guard let typeName = json["dtype"]?.string else { throw .unreadable("lacks a dtype") }
        let type = try SafeTensorsType.type(named: typeName)
        guard let extents = json["shape"].flatMap(integers) else { throw .unreadable("lacks a shape of integers") }
        let shape = try Shape(checking: extents)
        guard let offsets = json["data_offsets"].flatMap(integers), offsets.count == 2,
            offsets[0] >= 0, offsets[0] <= offsets[1]
        else { throw .unreadable("lacks data_offsets: two integers, the first not above the second") }
        let size = try shape.byteCount(of: type)
        guard offsets[1] - offsets[0] == size else {
            throw .unreadable(
                "its data_offsets do not fit \(type.displayName) \(shape)", expected: "\(size) bytes",
                found: "\(offsets[1] - offsets[0])")
        }
        return Entry(type: type, shape: shape, range: offsets[0]..<offsets[1])
    }

    /// Integers written as such: `2.0` is none.
    private static func integers(_ json: JSON) -> [Int]? {
        guard let elements = json.array else { return nil }
        var result: [Int] = []
        for element in elements {
            guard case .integer(let value) = element else { return nil }
            result.append(value)
        }
        return result
    }

    /// The tensors must cover the buffer without a hole, an overlap or a rest.
    private func checkCoverage(bufferSize: Int) throws(AssayError) {
        var end = 0
        let ordered = entries.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound) < (
                $1.value.range.lowerBound, $1.value.range.upperBound
            )
        }
        for (name, entry) in ordered {
            guard entry.range.lowerBound == end else {
                throw .unreadable(
                    entry.range.lowerBound < end ? "overlaps another tensor" : "bytes before it belong to no tensor",
                    expected: "offset \(end)", found: "\(entry.range.lowerBound)", object: name)
            }
            end = entry.range.upperBound
        }
        guard end == bufferSize else {
            throw .unreadable("the tensors do not cover the file", expected: "\(end) bytes", found: "\(bufferSize)")
        }
    }
}
