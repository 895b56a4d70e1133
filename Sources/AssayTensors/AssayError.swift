// The one error type of Assay: what happened, where in which file, and what to do about it.

/// An error that a file or a user can cause.
///
/// It prints as `FILE: WHERE: WHAT, expected …, found …`; `hint` is a second line that says what to do next.
public struct AssayError: Error, Sendable, Hashable {
    /// What kind of error it is, which decides the exit status of the command.
    public struct Code: Sendable, Hashable {
        /// The exit status of the command that ends with this error.
        public let exitStatus: Int32
        /// A stable word for machine-readable output.
        public let name: String

        /// Wrong usage: unknown option, missing argument, input names or shapes that do not fit the model.
        public static let usage = Code(exitStatus: 2, name: "usage")
        /// A file cannot be read: missing, damaged, refused, or of no known format.
        public static let unreadable = Code(exitStatus: 3, name: "unreadable")
        /// The model cannot be run: opaque layers, or no graph.
        public static let notRunnable = Code(exitStatus: 4, name: "not-runnable")
        /// Writing failed; nothing is left behind.
        public static let writeFailed = Code(exitStatus: 5, name: "write-failed")
    }

    /// A place in a file.
    public struct Location: Sendable, Hashable {
        /// The file's path as the user gave it.
        public var file: String?
        /// The object, tensor, layer or member in the file.
        public var object: String?
        /// The offset in the file, in bytes.
        public var offset: Int?

        /// A place in a file; what is not known is nil.
        public init(file: String? = nil, object: String? = nil, offset: Int? = nil) {
            self.file = file
            self.object = object
            self.offset = offset
        }
    }

    /// What kind of error it is.
    public var code: Code
    /// What is wrong, as half a sentence.
    public var message: String
    /// What should have been there.
    public var expected: String?
    /// What was there.
    public var found: String?
    /// Where it was.
    public var location: Location
    /// What to do next.
    public var hint: String?

    /// An error with all its parts.
    public init(
        _ code: Code, _ message: String, expected: String? = nil, found: String? = nil,
        at location: Location = Location(), hint: String? = nil
    ) {
        self.code = code
        self.message = message
        self.expected = expected
        self.found = found
        self.location = location
        self.hint = hint
    }

    /// A file that cannot be read: missing, damaged, refused, or of no known format.
    public static func unreadable(
        _ message: String, expected: String? = nil, found: String? = nil,
        file: String? = nil, object: String? = nil, offset: Int? = nil, hint: String? = nil
    ) -> AssayError {
        AssayError(
            .unreadable, message, expected: expected, found: found,
            at: Location(file: file, object: object, offset: offset), hint: hint)
    }

    /// Wrong usage by the caller or user.
    public static func usage(
        _ message: String, expected: String? = nil, found: String? = nil, object: String? = nil, hint: String? = nil
    ) -> AssayError {
        AssayError(
            .usage, message, expected: expected, found: found, at: Location(object: object), hint: hint)
    }

    /// The same error, placed in `file` and `object` where it does not say already.
    public func located(file: String? = nil, object: String? = nil, offset: Int? = nil) -> AssayError {
        var error = self
        error.location.file = location.file ?? file
        error.location.object = location.object ?? object
        error.location.offset = location.offset ?? offset
        return error
    }
}

extension AssayError: CustomStringConvertible {
    /// One line: `FILE: WHERE: WHAT, expected …, found …`.
    public var description: String {
        var parts: [String] = []
        if let file = location.file { parts.append(file) }
        if let object = location.object { parts.append(object) }
        if let offset = location.offset { parts.append("byte \(offset)") }
        var what = message
        if let expected { what += ", expected \(expected)" }
        if let found { what += ", found \(found)" }
        parts.append(what)
        return parts.joined(separator: ": ").singleLine
    }
}

extension String {
    /// The text on one line and without control characters, since names in errors come from files.
    public var singleLine: String {
        guard unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            result.append(scalar.value < 32 || scalar.value == 127 ? "\u{FFFD}" : scalar)
        }
        return String(result)
    }
}
