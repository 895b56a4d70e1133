// A check is one file in Checks/ and one line in the registry.

import AssayArchitectures
import AssayGraph
import AssayTensors

/// What the checks look at.
public struct ValidationSubject: Sendable {
    /// The model.
    public let model: Model
    /// What it was recognised as.
    public let recognition: Recognition?
}

/// One kind of thing that can be wrong with a model.
public protocol Check: Sendable {
    /// What it finds, in a line.
    static var summary: String { get }

    /// A check.
    init()

    /// What is wrong.
    ///
    /// - Throws: `AssayError.unreadable` when a tensor cannot be decoded.
    func findings(in subject: ValidationSubject) throws(AssayError) -> [Finding]
}

/// All checks, in the order of their reports.
public enum CheckRegistry {
    /// Every check.
    public static let all: [any Check.Type] = [
        DefectCheck.self,
        SpecificationCheck.self,
        TwinCheck.self,
        StrangerCheck.self,
        ParameterShapeCheck.self,
        AttentionCheck.self,
        ResidualCheck.self,
        NormalizationCheck.self,
        PositionTableCheck.self,
        NonFiniteCheck.self,
        UnusedParameterCheck.self,
        DuplicateTensorCheck.self,
        OpaqueCheck.self,
        AssumptionCheck.self,
    ]
}

/// What validation says about a model as a whole.
public struct ValidationReport: Sendable {
    /// What was found, errors first.
    public var findings: [Finding]
    /// What the model was recognised as, nil where no specification fits.
    public var recognition: Recognition?

    /// Whether nothing is wrong: notes and warnings are allowed.
    public var isSound: Bool { !findings.contains { $0.severity == .error } }

    /// The report as an object of `Schemas/validation.schema.json`.
    public var json: JSON {
        return [
            "sound": .bool(isSound), "architecture": recognition?.json ?? .null,
            "findings": .array(findings.map(\.json)),
        ]
    }
}

extension Recognition {
    /// The architecture as an object of `Schemas/validation.schema.json`.
    public var json: JSON {
        [
            "name": .string(specification.name), "title": .string(specification.title),
            "class": JSON(checkpoint?.className), "confidence": .number(confidence),
            "alternatives": JSON(checkpoint?.alternatives ?? []),
            "dimensions": .object(dimensions.mapValues { .integer($0.value) }),
            "roles": .array(roles.map { ["role": .string($0.role), "layer": .string($0.layer)] }),
        ]
    }
}

/// Runs the checks on a model.
public struct Validator: Sendable {
    private let library: SpecificationLibrary

    /// A validator with the architectures that come with Assay.
    public init() throws(AssayError) { library = try .builtIn() }

    /// A validator with other architectures.
    public init(library: SpecificationLibrary) { self.library = library }

    /// What a model is: by the tensors of a checkpoint, else by its layers; nil where nothing fits.
    ///
    /// - Parameter specification: the architecture it must be; nil to recognise it.
    /// - Throws: `AssayError.usage` for an unknown architecture.
    public func recognise(_ model: Model, as specification: String? = nil) throws(AssayError) -> Recognition? {
        let forced = try specification.map { (name) throws(AssayError) in try library.specification(named: name) }
        if let recognition = library.recogniseCheckpoint(model, as: forced) { return recognition }
        let sketches = LayerSketch.sketches(of: model)
        return forced.map { $0.match(sketches) } ?? library.recognise(sketches)
    }

    /// Validates a model.
    ///
    /// - Parameter specification: the architecture it must be; nil to recognise it.
    /// - Throws: `AssayError.usage` for an unknown architecture, `AssayError.unreadable` for a tensor that cannot be
    ///   decoded.
    public func validate(_ model: Model, as specification: String? = nil) throws(AssayError) -> ValidationReport {
        var findings: [Finding] = []
        let recognition = try recognise(model, as: specification)
        if let specification, recognition == nil {
            findings.append(
                Finding(
                    code: "not-this-architecture", severity: .error, layer: "",
                    message: "the layers do not come in the order of \(specification)",
                    found: LayerSketch.sketches(of: model).map(\.className).joined(separator: ", ")))
        }
        let subject = ValidationSubject(model: model, recognition: recognition)
        for check in CheckRegistry.all { findings += try check.init().findings(in: subject) }
        // A stable sort: within a severity, findings stay in the order of the checks.
        let sorted = findings.enumerated().sorted {
            ($0.element.severity, $0.offset) < ($1.element.severity, $1.offset)
        }
        return ValidationReport(findings: sorted.map(\.element), recognition: recognition)
    }
}
