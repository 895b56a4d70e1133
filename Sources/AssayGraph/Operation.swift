// What the graph knows of an operator. The operators themselves stand in AssayOperators, one file each.

import AssayTensors

/// How exactly an operator's results are determined by its definition, which sets how results may be compared.
public enum Exactness: Sendable, Hashable {
    /// Moves bits or counts: results are equal bit for bit.
    case exact
    /// Each result comes from a fixed small number of rounded operations.
    case rounding
    /// Each result is a sum of many terms, whose order is free.
    case accumulating
}

/// An operator with its attributes: what a node does. Attributes are the stored properties, `Codable` for the JSON form.
public protocol Operation: Sendable, Hashable, Codable {
    /// The name in the JSON form and in reports: `Linear`, `LayerNormalization`, …
    static var name: String { get }

    /// How exactly the results are determined.
    var exactness: Exactness { get }

    /// What is known of the results, given what is known of the operands. An operand that may be left out and is, is nil.
    ///
    /// - Throws: `AssayError` when the operands cannot fit: the structural check of every edge. The message says what was
    ///   expected and what was found; the caller adds the place.
    func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact]

    /// Multiply–adds of one evaluation, for operands and results of these shapes.
    func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int

    /// Whether the order of the operands does not matter, bit for bit.
    var isCommutative: Bool { get }

    /// The operand that result 0 always equals bit for bit: operand 0 of an identity, either operand of a maximum of a
    /// value with itself; nil where the operator computes something.
    ///
    /// - Parameter operandsAreSame: whether all operands are one and the same value.
    func passedOperand(operandsAreSame: Bool) -> Int?
}

extension Operation {
    /// The order matters.
    public var isCommutative: Bool { false }

    /// It computes something.
    public func passedOperand(operandsAreSame: Bool) -> Int? { nil }

    /// One operation for each element of the results.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        results.reduce(0) { $0 + $1.count }
    }

    /// The name in the JSON form and in reports.
    public var name: String { Self.name }
}

/// The operator for what cannot be run: a custom layer, a Lambda, an operator that nobody has written.
///
/// It is shown, converted and validated around; running a model that needs it names it.
public struct Opaque: Operation {
    /// The name in the JSON form.
    public static let name = "Opaque"
    /// The class or operator that is not known here.
    public var className: String
    /// Why it cannot be run, as half a sentence.
    public var reason: String
    /// The shapes of the results, where the file declares them.
    public var resultShapes: [[Dimension]?]
    /// The element type of each result.
    public var resultTypes: [ElementType]

    /// An operator that cannot be run, with one result of unknown shape unless more is known.
    public init(
        className: String, reason: String, resultShapes: [[Dimension]?] = [nil], resultTypes: [ElementType]? = nil
    ) {
        self.className = className
        self.reason = reason
        self.resultShapes = resultShapes
        self.resultTypes = resultTypes ?? resultShapes.map { _ in .f32 }
    }

    /// Nothing is known of what it computes.
    public var exactness: Exactness { .accumulating }

    /// The declared types and shapes.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        zip(resultTypes, resultShapes).map { Fact($0, $1) }
    }
}
