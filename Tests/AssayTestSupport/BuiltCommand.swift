// Runs the built `assay` as a user does.

import AssayTensors
import Glibc

/// The command, as it was built.
public enum BuiltCommand {
    /// What one run of it did.
    public struct Result: Sendable {
        /// The exit status; 128 and more when a signal ended it.
        public let status: Int
        /// What it wrote to standard output.
        public let output: String
        /// What it wrote to standard error.
        public let errors: String

        /// The lines of standard error.
        public var errorLines: [Substring] { errors.split(separator: "\n") }

        /// Standard output as JSON.
        public func json() throws(AssayError) -> JSON { try JSON(parsing: output) }
    }

    /// Where it is: the environment's `ASSAY`, or what was built last in `.build`, in release before debug.
    public static let path: String = {
        if let path = getenv("ASSAY") { return String(cString: path) }
        let built = ["release", "debug"].map { "\(Fixtures.repository)/.build/\($0)/assay" }
        return built.first(where: Fixtures.exists) ?? built[0]
    }()

    /// Runs `assay` with these arguments, from the repository's folder.
    public static func run(_ arguments: String...) -> Result { run(arguments) }

    /// Runs `assay` with these arguments, from the repository's folder.
    ///
    /// - Parameter prelude: what the shell does before, such as `ulimit -f 1;`.
    public static func run(_ arguments: [String], prelude: String = "") -> Result {
        let command = ([path] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let folder = TemporaryFolder()
        let (output, errors) = (folder.file("output"), folder.file("errors"))
        // The redirections come first, so that a limit on file sizes meets the command alone.
        let script = "cd '\(Fixtures.repository)'; exec >'\(output)' 2>'\(errors)'; \(prelude) \(command)"
        let status = shell(script)
        return Result(status: status, output: text(output), errors: text(errors))
    }

    private static func text(_ path: String) -> String {
        (try? MappedFile(path: path)).map { String(decoding: $0.bytes.array, as: UTF8.self) } ?? ""
    }

    private static func shell(_ script: String) -> Int {
        var child = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(script), nil]
        defer { for argument in arguments { free(argument) } }
        guard posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ) == 0 else { return 127 }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? Int((status >> 8) & 0xFF) : 128 + Int(signal)
    }
}
