// Text for a terminal: names from files made harmless, and widths as columns rather than characters.

extension String {
    /// The text as it may be shown: control characters, line separators and marks that turn the direction of writing
    /// are written out (`\u{1B}`), since names come from files that may be hostile. All names pass through here.
    public var escaped: String {
        guard !isPlainASCII, unicodeScalars.contains(where: \.isUnsafeToShow) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isUnsafeToShow {
                result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The columns that the text takes on a terminal.
    public var columns: Int {
        isPlainASCII ? utf8.count : unicodeScalars.reduce(0) { $0 + $1.columns }
    }

    /// Whether it is all printable ASCII, as most names are: then there is nothing to look up.
    private var isPlainASCII: Bool { utf8.allSatisfy { (0x20..<0x7F).contains($0) } }

    /// The text filled up with blanks to `width` columns.
    public func padded(to width: Int, alignment: Alignment = .left) -> String {
        let blanks = String(repeating: " ", count: max(0, width - columns))
        return alignment == .left ? self + blanks : blanks + self
    }

    /// The text cut to `width` columns, in the middle, since both ends of a path tell.
    public func shortened(to width: Int) -> String {
        guard columns > width else { return self }
        guard width > 1 else { return String(repeating: "…", count: max(width, 0)) }
        let start = prefix(ofColumns: (width - 1) / 2)
        let end = String(String(reversed()).prefix(ofColumns: width - 1 - start.columns).reversed())
        return start + "…" + end
    }

    private func prefix(ofColumns width: Int) -> String {
        var used = 0
        var result = ""
        for character in self {
            let next = String(character).columns
            guard used + next <= width else { break }
            used += next
            result.append(character)
        }
        return result
    }
}

extension [String] {
    /// The first `most` texts, and how many more there are: `a, b and 15 more`. JSON has them all.
    func joined(atMost most: Int) -> String {
        let start = prefix(most).joined(separator: ", ")
        return count > most ? "\(start) and \(count - most) more" : start
    }
}

/// On which side of a column text stands.
public enum Alignment: Sendable {
    /// Text.
    case left
    /// Numbers.
    case right
}

extension Unicode.Scalar {
    /// Whether showing it could change more than the place where it stands.
    fileprivate var isUnsafeToShow: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    /// The columns it takes: none for marks that join what stands before, two for wide East Asian characters.
    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
