// The JSON parser: RFC 8259, with bounded depth, duplicate keys refused, and Python's NaN and Infinity.

import OrderedCollections

extension JSON {
    /// What a parser accepts.
    public struct ParsingLimits: Sendable {
        /// The deepest nesting of arrays and objects.
        public var depth: Int
        /// Whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python's `json` writes them.
        public var allowsNonFinite: Bool

        /// Limits for files of the ecosystem.
        public init(depth: Int = 512, allowsNonFinite: Bool = true) {
            self.depth = depth
            self.allowsNonFinite = allowsNonFinite
        }
    }

    /// Parses a text in UTF-8.
    ///
    /// - Throws: `AssayError.unreadable` with the offset in the text.
    public init(parsing text: ByteRegion, limits: ParsingLimits = ParsingLimits()) throws(AssayError) {
        self = try text.withUnsafeBytes { (bytes) throws(AssayError) in
            var parser = JSONParser(bytes: bytes, limits: limits)
            return try parser.parseDocument()
        }
    }

    /// Parses a text.
    ///
    /// - Throws: `AssayError.unreadable` with the offset in the text.
    public init(parsing text: String, limits: ParsingLimits = ParsingLimits()) throws(AssayError) {
        try self.init(parsing: ByteRegion([UInt8](text.utf8)), limits: limits)
    }
}

private struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    let limits: JSON.ParsingLimits
    var position = 0
    var depth = 0

    init(bytes: UnsafeRawBufferPointer, limits: JSON.ParsingLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    func failure(_ message: String) -> AssayError { .unreadable("not JSON: \(message)", offset: position) }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func parseDocument() throws(AssayError) -> JSON {
        // A byte order mark is no part of JSON, but files that begin with one are read everywhere.
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        let value = try parseValue()
        skipSpace()
        guard position == bytes.count else { throw failure("text after the value") }
        return value
    }

    mutating func parseValue() throws(AssayError) -> JSON {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "N") where limits.allowsNonFinite: return try parseWord("NaN", .number(.nan))
        case UInt8(ascii: "I") where limits.allowsNonFinite: return try parseWord("Infinity", .number(.infinity))
        case .some: return try parseNumber()
        case nil: throw failure("the text ends early")
        }
    }

    mutating func parseWord(_ word: StaticString, _ value: JSON) throws(AssayError) -> JSON {
        let length = word.utf8CodeUnitCount
        guard position + length <= bytes.count,
            (0..<length).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
        else { throw failure("unknown word") }
        position += length
        return value
    }

    mutating func enter() throws(AssayError) {
        position += 1
        depth += 1
        guard depth <= limits.depth else { throw failure("nested deeper than \(limits.depth)") }
    }

    mutating func parseArray() throws(AssayError) -> JSON {
        try enter()
        var elements: [JSON] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            depth -= 1
            return .array([])
        }
        while true {
            elements.append(try parseValue())
            if try !parseSeparator(end: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    mutating func parseObject() throws(AssayError) -> JSON {
        try enter()
        var members: OrderedDictionary<String, JSON> = [:]
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            depth -= 1
            return .object([:])
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw failure("a key must be a text") }
            let key = try parseString()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw failure("a colon must follow the key") }
            position += 1
            let value = try parseValue()
            guard members.updateValue(value, forKey: key) == nil else {
                throw failure("the key \"\(key)\" stands twice in one object")
            }
            if try !parseSeparator(end: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    /// Whether another element follows.
    mutating func parseSeparator(end: UInt8) throws(AssayError) -> Bool {
        skipSpace()
        guard let byte = current, byte == end || byte == UInt8(ascii: ",") else {
            throw failure(current == nil ? "the text ends early" : "a comma or the end must follow")
        }
        position += 1
        if byte == end { depth -= 1 }
        return byte != end
    }

    mutating func parseString() throws(AssayError) -> String {
        position += 1
        var run = try skipPlainText()
        // Nearly all texts are one run of bytes that stand for themselves.
        if bytes[position] == UInt8(ascii: "\"") {
            position += 1
            return try validated(bytes[run])
        }
        var text: [UInt8] = []
        while true {
            text.append(contentsOf: bytes[run])
            position += 1
            if bytes[position - 1] == UInt8(ascii: "\"") { return try validated(text) }
            try parseEscape(into: &text)
            run = try skipPlainText()
        }
    }

    /// The range of the bytes up to the next quote or escape.
    mutating func skipPlainText() throws(AssayError) -> Range<Int> {
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw failure("a control character in a text") }
            position += 1
        }
        guard current != nil else { throw failure("a text does not end") }
        return start..<position
    }

    func validated(_ text: some Sequence<UInt8>) throws(AssayError) -> String {
        guard let string = String(validating: text, as: UTF8.self) else { throw failure("invalid UTF-8 in a text") }
        return string
    }

    mutating func parseEscape(into text: inout [UInt8]) throws(AssayError) {
        guard let byte = current else { throw failure("a text does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try parseHexadecimal()
            if (0xD800..<0xDC00).contains(scalar), current == UInt8(ascii: "\\"), position + 1 < bytes.count,
                bytes[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                let low = try parseHexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair") }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let value = Unicode.Scalar(scalar) else { throw failure("half a surrogate pair") }
            text.append(contentsOf: Array(String(Character(value)).utf8))
        default: throw failure("unknown escape")
        }
    }

    mutating func parseHexadecimal() throws(AssayError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure("a text does not end") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw failure("bad hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    mutating func parseNumber() throws(AssayError) -> JSON {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        if limits.allowsNonFinite, current == UInt8(ascii: "I") {
            return try parseWord("Infinity", .number(-.infinity))
        }
        let digits = skipDigits()
        guard digits > 0, digits == 1 || bytes[position - digits] != UInt8(ascii: "0") else {
            throw failure("unknown value")
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard skipDigits() > 0 else { throw failure("a number lacks its digits") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw failure("a number lacks its digits") }
        }
        guard position - start <= 1024 else { throw failure("a number of more than 1,024 characters") }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text) else { throw failure("unknown value") }
        return .number(value)
    }

    mutating func skipDigits() -> Int {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }
}
