// Extents that may be symbols: what is known of a shape before the inputs are there.

import AssayTensors

/// One extent of a value's shape: a number, or a text that stands for one (`batch`, `sequence`, `(sequence + 1) / 2`).
///
/// Two symbolic extents are known to be equal when their texts are equal; nothing is known of them otherwise.
public enum Dimension: Sendable, Hashable {
    /// A number that is not negative.
    case known(Int)
    /// A symbol, or an expression over symbols.
    case symbolic(String)

    /// The number, nil for a symbol.
    public var value: Int? {
        if case .known(let value) = self { value } else { nil }
    }

    /// Whether both can be the same extent.
    public func isCompatible(with other: Dimension) -> Bool {
        guard let mine = value, let theirs = other.value else { return true }
        return mine == theirs
    }

    /// The sum of two extents.
    public static func + (left: Dimension, right: Dimension) -> Dimension {
        if case .known(0) = left { return right }
        if case .known(0) = right { return left }
        return combine(left, right, "+") { clamped($0.addingReportingOverflow($1)) }
    }

    /// The difference of two extents, at least zero.
    public static func - (left: Dimension, right: Dimension) -> Dimension {
        if case .known(0) = right { return left }
        if left == right { return .known(0) }
        return combine(left, right, "-") { max(0, $0 - $1) }
    }

    /// The product of two extents.
    public static func * (left: Dimension, right: Dimension) -> Dimension {
        if case .known(1) = left { return right }
        if case .known(1) = right { return left }
        if left == .known(0) || right == .known(0) { return .known(0) }
        return combine(left, right, "*") { clamped($0.multipliedReportingOverflow(by: $1)) }
    }

    /// The quotient, cut towards zero. A divisor of zero gives zero.
    public static func / (left: Dimension, right: Dimension) -> Dimension {
        if case .known(1) = right { return left }
        if left == right { return .known(1) }
        return combine(left, right, "/") { $1 == 0 ? 0 : $0 / $1 }
    }

    /// The numbers and symbols whose product it is.
    public var factors: [Dimension] {
        guard case .symbolic(let text) = self else { return [self] }
        var parts: [Substring] = []
        var (depth, start) = (0, text.startIndex)
        for index in text.indices {
            switch text[index] {
            case "(": depth += 1
            case ")": depth -= 1
            case "*" where depth == 0:
                parts.append(text[start..<index])
                start = text.index(after: index)
            case "+", "-", "/": if depth == 0, index != text.startIndex { return [self] }
            default: break
            }
        }
        guard !parts.isEmpty else { return [self] }
        parts.append(text[start...])
        return parts.flatMap { part -> [Dimension] in
            var term = part.split(separator: " ").joined(separator: " ")
            if term.hasPrefix("("), term.hasSuffix(")") { term = String(term.dropFirst().dropLast()) }
            return Int(term).map { [.known($0)] } ?? Dimension.symbolic(term).factors
        }
    }

    /// The number, or the greatest one where it does not fit, which no shape accepts.
    private static func clamped(_ result: (partialValue: Int, overflow: Bool)) -> Int {
        result.overflow ? .max : result.partialValue
    }

    private static func combine(
        _ left: Dimension, _ right: Dimension, _ sign: String, _ apply: (Int, Int) -> Int
    ) -> Dimension {
        if let first = left.value, let second = right.value { return .known(apply(first, second)) }
        return expression("\(left.term) \(sign) \(right.term)")
    }

    /// A symbol for an expression. A long text is replaced by a short one, the same for equal texts, since expressions of
    /// expressions grow without bound.
    public static func expression(_ text: String) -> Dimension {
        .symbolic(text.utf8.count <= longestText ? text : "expression \(hash(text))")
    }

    private static let longestText = 400

    /// The FNV-1a hash of a text: the same in all runs.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(value, radix: 16)
    }

    /// The text, in parentheses where it is an expression.
    private var term: String {
        let text = description
        return text.contains(" ") ? "(\(text))" : text
    }
}

extension Dimension: CustomStringConvertible, ExpressibleByIntegerLiteral {
    /// The number or the symbol.
    public var description: String {
        switch self {
        case .known(let value): String(value)
        case .symbolic(let text): text
        }
    }

    /// A known extent.
    public init(integerLiteral value: Int) { self = .known(value) }
}

extension Dimension: Codable {
    /// A number or a text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Int.self) {
            self = .known(value)
        } else {
            self = .symbolic(try container.decode(String.self))
        }
    }

    /// A number or a text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .known(let value): try container.encode(value)
        case .symbolic(let text): try container.encode(text)
        }
    }
}

/// What is known of a value before the model runs: its element type, its shape, and its content where it is small and
/// does not depend on the inputs' values (shapes that a graph computes with).
public struct Fact: Sendable, Hashable {
    /// The type of the elements, as the file declares it.
    public var type: ElementType
    /// The extents; nil when not even their number is known (behind an opaque operator).
    public var shape: [Dimension]?
    /// The elements in row-major order, where they are known integers.
    public var integers: [Dimension]?

    /// A fact; what is not known is nil.
    public init(_ type: ElementType, _ shape: [Dimension]?, integers: [Dimension]? = nil) {
        self.type = type
        self.shape = shape
        self.integers = integers
    }

    /// A fact about a tensor of known extents.
    public init(_ type: ElementType, _ shape: Shape) {
        self.init(type, shape.dimensions)
    }

    /// A fact about a constant: few integers or booleans are known one by one.
    public init(constant tensor: Tensor) {
        self.init(tensor.type, tensor.shape)
        if !tensor.type.isFloatingPoint, tensor.shape.count <= 64, let values = try? tensor.integers() {
            integers = values.map { .known($0) }
        }
    }

    /// The shape when every extent is a number.
    public var knownShape: Shape? {
        guard let shape else { return nil }
        let values = shape.compactMap(\.value)
        return values.count == shape.count ? try? Shape(checking: values) : nil
    }

    /// The number of axes, where it is known.
    public var rank: Int? { shape?.count }

    /// Whether nothing that is known speaks against the value's having these dimensions.
    public func admits(_ dimensions: [Dimension]?) -> Bool {
        guard let shape, let dimensions else { return true }
        return shape.isCompatible(with: dimensions)
    }
}

extension Array where Element == Dimension {
    /// `[batch, 128, 768]`.
    public var text: String { "[" + map(\.description).joined(separator: ", ") + "]" }

    /// Whether both can be the same shape.
    public func isCompatible(with other: [Dimension]) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.isCompatible(with: $1) }
    }
}

extension Shape {
    /// The extents as dimensions.
    public var dimensions: [Dimension] { extents.map { .known($0) } }
}
