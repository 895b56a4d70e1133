// The JSON parser and writer: RFC 8259, the order of keys, and refusal of what is hostile.

import AssayTensors
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "reads values as what they are",
        arguments: [
            ("null", JSON.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
            ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", .number(1)), ("1e2", .number(100)),
            ("-1.5E-2", .number(-0.015)), ("Infinity", .number(.infinity)), ("-Infinity", .number(-.infinity)),
            ("1e400", .number(.infinity)), ("\"\"", ""), ("[]", .array([])), ("{}", .object([:])),
            ("[1,[2,{}]]", .array([1, .array([2, .object([:])])])),
            ("\"a\\u00e9\\n\\\"\\\\\\/\\b\\f\\r\\t\"", "aé\n\"\\/\u{8}\u{C}\r\t"), ("\"\\ud83d\\ude00\"", "😀"),
            ("\u{FEFF}1", .integer(1)),
        ])
    func values(_ text: String, _ value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(
        "refuses what is not JSON",
        arguments: [
            "", " ", "nul", "truer", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "[1,]", "[,1]", "[1 2]",
            "{\"a\"}",
            "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}", "[1", "{\"a\":1", "\"a", "\"\\", "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12g4\"", "\"\\ud800\"", "\"\\ude00\"", "\"\\ud800\\u0041\"", "\"\n\"", "1 2", "]", "-Inf",
            "{\"a\":1}}",
            "{\"a\":1,\"a\":2}",
        ])
    func refused(_ text: String) {
        #expect(throws: AssayError.self) { try JSON(parsing: text) }
    }

    @Test("refuses invalid UTF-8")
    func encoding() {
        for bytes: [UInt8] in [
            [0x22, 0xC3, 0x22], [0x22, 0xFF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22],
        ] {
            #expect(throws: AssayError.self) { try JSON(parsing: ByteRegion(bytes)) }
        }
    }

    @Test("nesting is bounded, whatever the limit")
    func depth() throws {
        let limits = JSON.ParsingLimits(depth: 5)
        #expect(throws: Never.self) { try JSON(parsing: "[[[[[]]]]]", limits: limits) }
        #expect(throws: AssayError.self) { try JSON(parsing: "[[[[[[]]]]]]", limits: limits) }
        // Many siblings are not deep.
        #expect(try JSON(parsing: "[[],[],[],[],[],[],[]]", limits: limits).array?.count == 7)
        let deep = String(repeating: "{\"a\":[", count: 500_000)
        #expect(throws: AssayError.self) { try JSON(parsing: deep) }
    }

    @Test("NaN and Infinity can be refused")
    func strictNumbers() {
        let limits = JSON.ParsingLimits(allowsNonFinite: false)
        for text in ["NaN", "[Infinity]", "-Infinity"] {
            #expect(throws: AssayError.self) { try JSON(parsing: text, limits: limits) }
        }
    }

    @Test("the offset of a fault is in the error")
    func offset() {
        let error = #expect(throws: AssayError.self) { try JSON(parsing: "{\"a\": 1, \"b\" 2}") }
        #expect(error?.location.offset == 13)
    }

    @Test("writes what it read: keys in order, numbers that read back the same")
    func writing() throws {
        let text = "{\"z\":[1,-2,0.1,1e+300,5e-324,true,null,NaN,-Infinity],\"a\":{\"é😀\":\"\\u0001\\n\\\"\\\\\"}}"
        let value = try JSON(parsing: text)
        #expect(value.object?.keys.elements == ["z", "a"])
        let written = value.text()
        #expect(written == text)
        #expect(value.text(separator: " ").hasPrefix("{\"z\": [1, -2, 0.1, "))
        let again = try JSON(parsing: value.prettyText)
        #expect(again.text() == text)
    }

    @Test("members, elements and kinds")
    func access() {
        let value: JSON = ["list": [1, 2.5, "x", nil], "n": 3.0]
        #expect(value["list"]?[0]?.integer == 1)
        #expect(value["list"]?[1]?.integer == nil)
        #expect(value["list"]?[1]?.number == 2.5)
        #expect(value["list"]?[3]?.isNull == true)
        #expect(value["list"]?[4] == nil)
        #expect(value["n"]?.integer == 3)
        #expect(value["missing"] == nil)
        #expect(JSON(finite: .nan) == .null)
    }
}
