// A parser for the one Python literal that an NPY header is. Nothing is evaluated, nothing nests.

import AssayTensors

/// Parses `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
struct NPYHeaderParser {
    /// The three entries that a header must have.
    struct Fields {
        var descriptor: String
        var isFortranOrder: Bool
        var extents: [Int]
    }

    private let text: [UInt8]
    private var position = 0

    init(text: [UInt8]) { self.text = text }

    mutating func parse() throws(AssayError) -> Fields {
        var descriptor: String?
        var isFortranOrder: Bool?
        var extents: [Int]?
        try expect("{")
        while !accept("}") {
            let key = try parseText()
            try expect(":")
            switch key {
            case "descr" where descriptor == nil: descriptor = try parseDescriptor()
            case "fortran_order" where isFortranOrder == nil: isFortranOrder = try parseTruth()
            case "shape" where extents == nil: extents = try parseTuple()
            default: throw failure("unexpected key '\(key)'")
            }
            guard accept(",") || current == UInt8(ascii: "}") else { throw failure("a comma is missing") }
        }
        skipSpace()
        guard position == text.count else { throw failure("text after the dictionary") }
        guard let descriptor, let isFortranOrder, let extents else {
            throw failure("it must have descr, fortran_order and shape")
        }
        return Fields(descriptor: descriptor, isFortranOrder: isFortranOrder, extents: extents)
    }

    private func failure(_ message: String) -> AssayError {
        .unreadable("damaged NPY header: \(message)", offset: position)
    }

    private var current: UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        skipSpace()
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(AssayError) {
        guard accept(character) else { throw failure("expected '\(character)'") }
    }

    /// A text in single or double quotes, without escapes.
    private mutating func parseText() throws(AssayError) -> String {
        skipSpace()
        guard let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw failure("expected a text")
        }
        guard let end = text[(position + 1)...].firstIndex(of: quote) else { throw failure("a text does not end") }
        let content = text[(position + 1)..<end]
        guard content.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw failure("a text with unusual characters")
        }
        position = end + 1
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func parseDescriptor() throws(AssayError) -> String {
        skipSpace()
        if current == UInt8(ascii: "[") || current == UInt8(ascii: "(") {
            throw .unreadable("records (a structured dtype) are not supported", expected: "one number an element")
        }
        return try parseText()
    }

    private mutating func parseTruth() throws(AssayError) -> Bool {
        skipSpace()
        for (word, value) in [("True", true), ("False", false)] where text[position...].starts(with: word.utf8) {
            position += word.utf8.count
            skipSpace()
            return value
        }
        throw failure("expected True or False")
    }

    /// A tuple of integers: `()`, `(3,)`, `(2, 3)`. Old files on Python 2 have `3L`.
    private mutating func parseTuple() throws(AssayError) -> [Int] {
        var extents: [Int] = []
        try expect("(")
        while !accept(")") {
            let start = position
            while let byte = current, (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") { position += 1 }
            guard position - start <= 20, let extent = Int(String(decoding: text[start..<position], as: UTF8.self))
            else { throw failure("an extent is not an integer that fits") }
            extents.append(extent)
            _ = accept("L")
            let hasComma = accept(",")
            guard hasComma || (extents.count > 1 && current == UInt8(ascii: ")")) else {
                throw failure("expected a comma in the shape")
            }
        }
        return extents
    }
}
