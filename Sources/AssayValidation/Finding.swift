// What validation says about a model.

import AssayTensors

/// One thing that validation found.
public struct Finding: Sendable, Hashable {
    /// How bad it is.
    public enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
        /// The model cannot be what it says it is.
        case error
        /// Sound, but hardly what was meant.
        case warning
        /// Worth knowing.
        case note

        /// Errors before warnings before notes.
        public static func < (left: Severity, right: Severity) -> Bool {
            order(left) < order(right)
        }

        private static func order(_ severity: Severity) -> Int { allCases.firstIndex(of: severity) ?? 0 }
    }

    /// A stable word for what was found: `shape-mismatch`, `non-finite`, …
    public var code: String
    /// How bad it is.
    public var severity: Severity
    /// The path of the layer or tensor.
    public var layer: String
    /// What is wrong, as half a sentence.
    public var message: String
    /// What was expected.
    public var expected: String?
    /// What was found.
    public var found: String?
    /// The places that contradict each other: tensors, configuration keys, edges.
    public var witnesses: [String]

    /// One thing that validation found.
    public init(
        code: String, severity: Severity, layer: String, message: String, expected: String? = nil,
        found: String? = nil, witnesses: [String] = []
    ) {
        self.code = code
        self.severity = severity
        self.layer = layer
        self.message = message
        self.expected = expected
        self.found = found
        self.witnesses = witnesses
    }

    /// The finding as an object of `Schemas/validation.schema.json`.
    public var json: JSON {
        [
            "code": .string(code), "severity": .string(severity.rawValue), "layer": .string(layer),
            "message": .string(message), "expected": JSON(expected), "found": JSON(found),
            "witnesses": JSON(witnesses),
        ]
    }
}
