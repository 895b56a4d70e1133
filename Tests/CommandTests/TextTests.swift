// Text for terminals: widths, shortening, escaping, tables.

import AssayReports
import Testing

@Suite("Text")
struct TextTests {
    @Test("widths are columns, not characters") func widths() {
        #expect("abc".columns == 3)
        #expect("日本語".columns == 6)
        #expect("e\u{301}".columns == 1)
        #expect("".columns == 0)
    }

    @Test("shortening keeps both ends and the width", arguments: 1...12)
    func shortening(_ width: Int) {
        let text = "encoder/block_1/attention/query"
        let short = text.shortened(to: width)
        #expect(short.columns == width)
        #expect(short.contains("…"))
        if width >= 3 { #expect(short.first == "e" && short.last == "y") }
        #expect("日本語日本語".shortened(to: width).columns <= width)
    }

    @Test("what could harm a terminal is written out") func escaping() {
        #expect("a\u{1B}[0m\n".escaped == "a\\u{1B}[0m\\u{A}")
        #expect("\u{202E}x\u{2028}".escaped == "\\u{202E}x\\u{2028}")
        #expect("größe – 日本".escaped == "größe – 日本")
    }

    @Test("a table fits the terminal") func table() {
        var table = Table([.text("Layer"), .text("Class", isFlexible: false), .number("Parameters")])
        table.add([Table.Cell(String(repeating: "deep/", count: 20) + "end"), "Dense", "1,234"])
        table.add(["short", "Embedding", "0"])
        let lines = table.text(on: Terminal(width: 60)).split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.columns <= 60 })
        #expect(lines[2].hasSuffix("1,234") && lines[3].hasSuffix("    0"))
        #expect(table.text(on: .plain).contains("deep/end"))
    }

    @Test("numbers") func numbers() {
        #expect(Numbers.grouped(1_234_567) == "1,234,567")
        #expect(Numbers.grouped(-999) == "-999")
        #expect(Numbers.bytes(1023) == "1023 B")
        #expect(Numbers.bytes(59_020) == "57.6 KiB")
        #expect(Numbers.bytes(1_048_000) == "0.999 MiB")
        #expect(Numbers.difference(0) == "0")
        #expect(Numbers.difference(3.14e-7) == "3.1e-07")
    }

    @Test("colours only where they are shown") func colours() {
        #expect(Terminal.plain.paint("x", .red) == "x")
        #expect(Terminal(hasColors: true).paint("x", .red) == "\u{1B}[31mx\u{1B}[0m")
    }
}
