// How an error leaves the command: one line and a hint, or JSON.

import AssayTensors

/// An error for people and for programs.
public struct ErrorReport: Sendable {
    private let error: AssayError

    /// The report of an error.
    public init(_ error: AssayError) { self.error = error }

    /// `assay: FILE: WHERE: WHAT, expected …, found …`, and a hint in a second line where there is one.
    public var text: String {
        let hint = error.hint.map { "  \($0.singleLine.escaped)\n" } ?? ""
        return "assay: \(error.description.escaped)\n\(hint)"
    }

    /// The same on one line of JSON.
    public var jsonLine: String {
        let json: JSON = [
            "error": [
                "code": .string(error.code.name), "exit_status": .integer(Int(error.code.exitStatus)),
                "message": .string(error.message), "expected": JSON(error.expected), "found": JSON(error.found),
                "file": JSON(error.location.file), "object": JSON(error.location.object),
                "offset": error.location.offset.map { .integer($0) } ?? .null, "hint": JSON(error.hint),
            ]
        ]
        return json.text(separator: " ") + "\n"
    }
}
