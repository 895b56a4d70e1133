// The JSON writer: compact or indented, always the same text for the same value.

extension JSON {
    /// The text on one line, `separator` after commas and colons (Python writes a space).
    public func text(separator: String = "") -> String {
        var text = UTF8Text()
        write(to: &text, indent: nil, separator: separator)
        return text.string
    }

    /// The text over several lines, indented by two spaces; lists of plain values stay on one line.
    public var prettyText: String {
        var text = UTF8Text()
        write(to: &text, indent: 0, separator: " ")
        return text.string
    }

    private var isPlain: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private func write(to text: inout UTF8Text, indent: Int?, separator: String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += JSON.text(of: value)
        case .string(let value): JSON.writeString(value, to: &text)
        case .array(let elements):
            let inner = elements.allSatisfy(\.isPlain) ? nil : indent.map { $0 + 2 }
            JSON.writeList(elements, "[", "]", to: &text, indent: indent, inner: inner, separator) { element, text in
                element.write(to: &text, indent: inner, separator: separator)
            }
        case .object(let members):
            let inner = members.isEmpty ? nil : indent.map { $0 + 2 }
            JSON.writeList(members, "{", "}", to: &text, indent: indent, inner: inner, separator) { member, text in
                JSON.writeString(member.key, to: &text)
                text += ":" + (indent == nil ? separator : " ")
                member.value.write(to: &text, indent: inner, separator: separator)
            }
        }
    }

    private static func writeList<Elements: Sequence>(
        _ elements: Elements, _ open: String, _ close: String, to text: inout UTF8Text, indent: Int?, inner: Int?,
        _ separator: String, element write: (Elements.Element, inout UTF8Text) -> Void
    ) {
        text += open
        var isFirst = true
        for element in elements {
            if !isFirst { text += inner == nil ? "," + separator : "," }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            isFirst = false
            write(element, &text)
        }
        if let indent, inner != nil, !isFirst { text += "\n" + String(repeating: " ", count: indent) }
        text += close
    }

    /// A double as JSON: the shortest text that reads back the same, `NaN` and `Infinity` as Python writes them.
    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value.description
    }

    private static func writeString(_ value: String, to text: inout UTF8Text) {
        text += "\""
        var rest = value.utf8[...]
        while let index = rest.firstIndex(where: { needsEscape($0) }) {
            text += rest[..<index]
            text += escape(rest[index])
            rest = rest[rest.index(after: index)...]
        }
        text += rest
        text += "\""
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\""): return "\\\""
        case UInt8(ascii: "\\"): return "\\\\"
        case UInt8(ascii: "\n"): return "\\n"
        case UInt8(ascii: "\r"): return "\\r"
        case UInt8(ascii: "\t"): return "\\t"
        default:
            let digits = String(byte, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
}

/// A text that grows by bytes of UTF-8, which is far quicker than by characters.
private struct UTF8Text {
    private var bytes: [UInt8] = []

    var string: String { String(decoding: bytes, as: UTF8.self) }

    static func += (text: inout UTF8Text, addition: String) { text += addition.utf8[...] }

    static func += (text: inout UTF8Text, addition: Substring.UTF8View) { text.bytes += addition }
}
