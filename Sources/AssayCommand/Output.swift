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

    /// Writes a result in the form that was asked for.
    static func show(_ report: some Report, _ format: FormatOptions) {
        if format.json { write(report.json) } else { writeToStandardOutput(report.text(on: terminal)) }
    }

    /// Calls `body` with the path where it should write one file: `argument` itself, or for `-` a temporary file that is
    /// copied to standard output afterwards.
    static func file<Result>(_ argument: String, _ body: (String) throws -> Result) throws -> Result {
        guard argument == "-" else { return try body(argument) }
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let path = "\(folder)/assay-output-\(getpid())"
        defer { unlink(path) }
        let result: Result
        do {
            result = try body(path)
        } catch var error as AssayError {
            if error.location.file == path { error.location.file = "standard output" }
            throw error
        }
        try MappedFile(path: path).bytes.withUnsafeBytes { bytes in
            guard write(bytes, to: STDOUT_FILENO) else {
                throw AssayError(.writeFailed, "cannot be written", at: .init(file: "standard output"))
            }
        }
        return result
    }

    /// Writes text to a file, whole or not at all.
    static func write(_ text: String, toFile path: String) throws(AssayError) {
        let file = try AtomicFile(path: path)
        try file.write(ByteRegion(Array(text.utf8)), at: 0)
        try file.commit()
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { _ = write(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    /// Writes all bytes; false where that fails.
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let written = Glibc.write(descriptor, base, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return true
    }
}
