// Tables: aligned columns that fit the terminal.

/// A table with a heading. Columns are as wide as their content; where the terminal is too narrow, the flexible columns
/// are shortened.
public struct Table: Sendable {
    /// One column.
    public struct Column: Sendable {
        /// The heading.
        public var title: String
        /// On which side the cells stand.
        public var alignment: Alignment
        /// Whether cells may be shortened.
        public var isFlexible: Bool

        /// A column of text.
        public static func text(_ title: String, isFlexible: Bool = true) -> Column {
            Column(title: title, alignment: .left, isFlexible: isFlexible)
        }

        /// A column of numbers.
        public static func number(_ title: String) -> Column {
            Column(title: title, alignment: .right, isFlexible: false)
        }
    }

    /// One cell.
    public struct Cell: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        /// The text, made harmless.
        public let text: String
        /// How it looks.
        public let style: Style

        /// A text, possibly from a file, in a style.
        public init(_ text: String, _ style: Style = .plain) {
            self.text = text.escaped
            self.style = style
        }

        /// A text.
        public init(stringLiteral value: String) { self.init(value) }
    }

    /// The columns.
    public let columns: [Column]
    /// The rows, each with a cell for every column.
    public private(set) var rows: [[Cell]] = []

    private static let gap = 2
    private static let narrowest = 8

    /// A table without rows.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row.
    public mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a cell for every column")
        rows.append(cells)
    }

    /// The text, each line ended.
    public func text(on terminal: Terminal) -> String {
        let widths = widths(on: terminal)
        var text = line(columns.map { Cell($0.title, .bold) }, widths, terminal)
        text += terminal.paint(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), .dim) + "\n"
        for row in rows { text += line(row, widths, terminal) }
        return text
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ terminal: Terminal) -> String {
        var parts: [String] = []
        for (index, cell) in cells.enumerated() {
            let text = cell.text.shortened(to: widths[index])
            let isLast = index == cells.count - 1 && columns[index].alignment == .left
            let padded = isLast ? text : text.padded(to: widths[index], alignment: columns[index].alignment)
            parts.append(terminal.paint(padded, cell.style))
        }
        var line = parts.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }

    private func widths(on terminal: Terminal) -> [Int] {
        var widths = columns.map(\.title.columns)
        for row in rows {
            for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.text.columns) }
        }
        guard let available = terminal.width else { return widths }
        // The widest flexible column gives way first, so that short ones stay whole.
        var excess = widths.reduce(0, +) + Table.gap * (widths.count - 1) - available
        while excess > 0 {
            let flexible = widths.indices.filter { columns[$0].isFlexible && widths[$0] > Table.narrowest }
            guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
