// What the place where text goes can show: width and colours of a terminal, or neither for files and pipes.

import Glibc

/// Where text goes.
public struct Terminal: Sendable {
    /// The number of columns; nil where lines may be of any length.
    public var width: Int?
    /// Whether colours are shown.
    public var hasColors: Bool

    /// A place of this width, with or without colours.
    public init(width: Int? = nil, hasColors: Bool = false) {
        self.width = width
        self.hasColors = hasColors
    }

    /// Files and pipes: lines of any length, no colours.
    public static let plain = Terminal()

    /// What stands behind a file descriptor. Colours need a terminal, and `NO_COLOR` switches them off.
    public init(descriptor: Int32) {
        guard isatty(descriptor) == 1 else {
            self = .plain
            return
        }
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        width = isKnown ? Int(size.ws_col) : 80
        let refusal = getenv("NO_COLOR").map { String(cString: $0) } ?? ""
        let kind = getenv("TERM").map { String(cString: $0) } ?? ""
        hasColors = refusal.isEmpty && kind != "dumb"
    }

    /// The text in a style, where colours are shown.
    public func paint(_ text: String, _ style: Style) -> String {
        guard hasColors, style != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}

/// How a text looks on a terminal. The raw value is its code in the escape sequence.
public enum Style: String, Sendable {
    /// As it is.
    case plain = "0"
    /// Headings.
    case bold = "1"
    /// What matters less.
    case dim = "2"
    /// Errors and differences.
    case red = "31"
    /// What is as it should be.
    case green = "32"
    /// Warnings.
    case yellow = "33"
}
