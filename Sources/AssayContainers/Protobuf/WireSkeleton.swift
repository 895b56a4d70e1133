// A protocol buffer without its large parts: they stay in the mapped file, and a decoder sees the rest.

import AssayTensors

/// Which fields of which messages hold large bytes, and through which fields these messages are reached.
public struct WireSchema: Sendable {
    /// What stands in a field.
    public enum Content: Sendable, Hashable {
        /// A message of this name.
        case message(String)
        /// Bytes that stay in the file.
        case bytes
    }

    /// The fields of interest of each message, by number. Others are copied as they are.
    public let messages: [String: [Int: Content]]
    /// The message that the file is.
    public let root: String

    /// A schema.
    public init(root: String, messages: [String: [Int: Content]]) {
        self.root = root
        self.messages = messages
    }
}

/// What is left of a protocol buffer once large fields are taken out.
///
/// In their place stands a field with the same number whose content is the four bytes (little-endian) of the region's
/// number. So any decoder reads the skeleton, whose size does not depend on the weights'.
public struct WireSkeleton: Sendable {
    /// The encoded message without its large fields.
    public private(set) var bytes: [UInt8] = []
    /// What was taken out, in the order of the file.
    public private(set) var regions: [ByteRegion] = []

    /// How deep messages may lie in each other.
    private static let maximumDepth = 100
    /// How many fields may be taken out.
    private static let maximumRegionCount = 1 << 22

    private let source: ByteRegion
    private let schema: WireSchema

    /// The skeleton of a message.
    ///
    /// - Throws: `AssayError.unreadable` when it is no protocol buffer, or messages lie too deep in each other.
    public init(_ source: ByteRegion, schema: WireSchema) throws(AssayError) {
        self.source = source
        self.schema = schema
        bytes = try skeleton(of: 0..<source.count, as: schema.root, depth: 0)
    }

    /// The region that four bytes in place of a field mean.
    ///
    /// - Throws: `AssayError.unreadable` when they mean none.
    public func region(_ reference: some Collection<UInt8>) throws(AssayError) -> ByteRegion {
        let number = reference.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard reference.count == 4, regions.indices.contains(number) else {
            throw .unreadable("a reference to bytes that are not there")
        }
        return regions[number]
    }

    private mutating func skeleton(
        of range: Range<Int>, as message: String, depth: Int
    ) throws(AssayError) -> [UInt8] {
        guard depth < WireSkeleton.maximumDepth else {
            throw .unreadable(
                "messages lie too deep in each other", expected: "at most \(WireSkeleton.maximumDepth)",
                offset: range.lowerBound)
        }
        let fields = schema.messages[message] ?? [:]
        var result: [UInt8] = []
        // Runs of fields that stay are copied at once.
        var copied = range.lowerBound
        var reader = WireReader(source, range)
        while let field = try reader.next() {
            guard let kind = fields[field.number], let content = field.content else { continue }
            result += try source.slice(copied..<field.whole.lowerBound).array
            copied = field.whole.upperBound
            switch kind {
            case .message(let name):
                let inner = try skeleton(of: content, as: name, depth: depth + 1)
                result.appendField(field.number, inner)
            case .bytes:
                result.appendField(field.number, try takeOut(content))
            }
        }
        result += try source.slice(copied..<range.upperBound).array
        return result
    }

    /// Keeps a region, and gives what stands for it.
    private mutating func takeOut(_ content: Range<Int>) throws(AssayError) -> [UInt8] {
        guard regions.count < WireSkeleton.maximumRegionCount else { throw .unreadable("too many tensors") }
        regions.append(try source.slice(content))
        return (0..<4).map { UInt8(truncatingIfNeeded: (regions.count - 1) >> (8 * $0)) }
    }
}

extension [UInt8] {
    /// Appends a length-delimited field.
    fileprivate mutating func appendField(_ number: Int, _ content: [UInt8]) {
        appendInteger(number << 3 | 2)
        appendInteger(content.count)
        self += content
    }

    private mutating func appendInteger(_ value: Int) {
        var rest = UInt(value)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
