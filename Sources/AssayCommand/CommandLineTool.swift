// The command `assay`: its subcommands, and how errors leave it.

import ArgumentParser
import Assay
import AssayReports

/// The root command.
struct CommandLineTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assay",
        abstract: "Reads, checks, runs, compares and converts model files.",
        discussion: """
            Exit status: 0 done, equal, no error found; 1 different, or errors found; 2 wrong usage; 3 a file cannot \
            be read; 4 the model cannot be run; 5 writing failed.
            """,
        version: "assay 0.1.0",
        subcommands: [
            InspectCommand.self, ValidateCommand.self, RunCommand.self, VerifyCommand.self, StatsCommand.self,
            ConvertCommand.self,
        ])

    /// Parses and runs; gives the exit status.
    static func run(_ arguments: [String]) -> Int32 {
        let isJSON = arguments.contains("--json")
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            return 0
        } catch let error as AssayError {
            return report(error, isJSON: isJSON)
        } catch let status as FindingsStatus {
            return status.exitStatus
        } catch {
            return reportUsage(error, isJSON: isJSON)
        }
    }

    private static func report(_ error: AssayError, isJSON: Bool) -> Int32 {
        Output.writeToStandardError(isJSON ? ErrorReport(error).jsonLine : ErrorReport(error).text)
        return error.code.exitStatus
    }

    /// Help and version are no errors; all else that the parser throws is wrong usage.
    private static func reportUsage(_ error: any Error, isJSON: Bool) -> Int32 {
        if exitCode(for: error) == .success {
            Output.writeToStandardOutput(fullMessage(for: error) + "\n")
            return 0
        }
        let lines = fullMessage(for: error).split(separator: "\n").map(String.init)
        let message = message(for: error)
        let usage = lines.first { $0.hasPrefix("Usage:") }
        return report(.usage(message.singleLine, hint: usage), isJSON: isJSON)
    }
}

/// Ends a command that did its work and found something: status 1.
struct FindingsStatus: Error {
    let exitStatus: Int32 = 1
}
