// Where results go: standard output and files; everything else goes to standard error.

import Assay
import AssayReports
import Glibc

/// Writing for commands.
enum Output {
    /// What standard output can show.
    static let terminal = Terminal(descriptor: STDOUT_FILENO)

    /// Writes a result.
    static func writeToStandardOutput(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes anything else.
    static func writeToStandardError(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes a value as indented JSON.
    static func write(_ json: JSON) { writeToStandardOutput(json.prettyText + "\n") }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let base = rest.baseAddress, rest.count > 0 {
                let written = Glibc.write(descriptor, base, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { break }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }
}
