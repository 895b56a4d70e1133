// The small language of the specifications: numbers, texts and conditions over dimensions and settings.

import AssayTensors
import OrderedCollections

/// An expression of a specification: `heads * head_width`, `1 / sqrt(head_width)`, `not tied`, `position_kind = 'absolute'`.
///
/// Names stand for dimensions, settings and loop counters. `a and b or c` chooses, as in Python. `/` divides as real numbers do, `//` cuts to the integer below.
public indirect enum Expression: Sendable, Hashable {
    /// A number, text or truth value.
    case literal(JSON)
    /// A dimension, a setting or a loop counter.
    case name(String)
    /// An operator between two expressions.
    case binary(Operator, Expression, Expression)
    /// The opposite of a condition.
    case not(Expression)
    /// The square root.
    case squareRoot(Expression)

    /// What stands between two expressions.
    public enum Operator: String, Sendable, Hashable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case floorDivide = "//"
        case remainder = "%"
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case greater = ">"
        case and
        case or
    }

    /// Parses a text.
    ///
    /// - Throws: `AssayError.unreadable` with the text, when it is no expression.
    public init(_ text: String) throws(AssayError) {
        var parser = ExpressionParser(text)
        self = try parser.parse()
    }

    /// An expression as a JSON file says it: a text is parsed, anything else stands for itself.
    ///
    /// - Throws: as `init(_:)`.
    public init(json: JSON) throws(AssayError) {
        guard case .string(let text) = json else {
            self = .literal(json)
            return
        }
        try self.init(text)
    }

    /// All names in it.
    public var names: Set<String> {
        switch self {
        case .literal: []
        case .name(let name): [name]
        case .binary(_, let left, let right): left.names.union(right.names)
        case .not(let inner), .squareRoot(let inner): inner.names
        }
    }
}

extension Expression {
    /// The expression with other expressions in the places of some names.
    func replacing(_ replacements: OrderedDictionary<String, Expression>) -> Expression {
        switch self {
        case .literal: self
        case .name(let name): replacements[name] ?? self
        case .binary(let sign, let left, let right):
            .binary(sign, left.replacing(replacements), right.replacing(replacements))
        case .not(let inner): .not(inner.replacing(replacements))
        case .squareRoot(let inner): .squareRoot(inner.replacing(replacements))
        }
    }
}

// MARK: Values

extension Expression {
    /// The value, where `lookup` knows every name that matters; nil otherwise.
    public func value(_ lookup: (String) -> JSON?) -> JSON? {
        switch self {
        case .literal(let value): return value
        case .name(let name): return lookup(name)
        case .not(let inner): return inner.value(lookup).map { .bool(!$0.isTrue) }
        case .squareRoot(let inner): return inner.value(lookup)?.number.map { .number($0.squareRoot()) }
        case .binary(.and, let left, let right):
            guard let first = left.value(lookup) else { return nil }
            return first.isTrue ? right.value(lookup) : .bool(false)
        case .binary(.or, let left, let right):
            guard let first = left.value(lookup) else { return nil }
            return first.isTrue ? first : right.value(lookup)
        case .binary(let sign, let left, let right):
            guard let first = left.value(lookup), let second = right.value(lookup) else { return nil }
            return Expression.combine(sign, first, second)
        }
    }

    private static func combine(_ sign: Operator, _ first: JSON, _ second: JSON) -> JSON? {
        switch sign {
        case .equal: return .bool(isSame(first, second))
        case .notEqual: return .bool(!isSame(first, second))
        default: break
        }
        guard let a = first.number, let b = second.number else { return nil }
        switch sign {
        case .add: return number(a + b)
        case .subtract: return number(a - b)
        case .multiply: return number(a * b)
        case .divide: return b == 0 ? nil : number(a / b)
        case .floorDivide: return b == 0 ? nil : number((a / b).rounded(.down))
        case .remainder: return b == 0 ? nil : number(a - b * (a / b).rounded(.down))
        case .less: return .bool(a < b)
        case .greater: return .bool(a > b)
        case .equal, .notEqual, .and, .or: return nil
        }
    }

    private static func isSame(_ first: JSON, _ second: JSON) -> Bool {
        if let a = first.number, let b = second.number { return a == b }
        return first == second
    }

    private static func number(_ value: Double) -> JSON {
        Int(exactly: value).map { .integer($0) } ?? .number(value)
    }

    /// The integer that `unknown` must be for the expression to have the value `value`; nil when none does, or when the
    /// expression cannot be turned round.
    func solve(for unknown: String, value: Int, _ lookup: (String) -> JSON?) -> Int? {
        switch self {
        case .name(unknown): return value
        case .binary(let sign, let left, let right) where right.names.contains(unknown):
            guard !left.names.contains(unknown), let known = left.value(lookup)?.integer else { return nil }
            switch sign {
            case .add: return right.solve(for: unknown, value: value - known, lookup)
            case .multiply where known != 0 && value % known == 0:
                return right.solve(for: unknown, value: value / known, lookup)
            default: return nil
            }
        case .binary(let sign, let left, let right):
            guard let known = right.value(lookup)?.integer else { return nil }
            switch sign {
            case .add: return left.solve(for: unknown, value: value - known, lookup)
            case .subtract: return left.solve(for: unknown, value: value + known, lookup)
            case .multiply where known != 0 && value % known == 0:
                return left.solve(for: unknown, value: value / known, lookup)
            default: return nil
            }
        default: return nil
        }
    }
}

extension JSON {
    /// Whether it counts as true in a condition: everything but `false`, `null` and 0.
    var isTrue: Bool {
        switch self {
        case .null, .bool(false), .integer(0): false
        default: true
        }
    }
}

// MARK: Text

extension Expression: CustomStringConvertible {
    /// The text, with parentheses where an operator stands in an operator.
    public var description: String {
        switch self {
        case .literal(.string(let text)): "'\(text)'"
        case .literal(let value): value.text()
        case .name(let name): name
        case .binary(let sign, let left, let right): "\(left.term) \(sign.rawValue) \(right.term)"
        case .not(let inner): "not \(inner.term)"
        case .squareRoot(let inner): "sqrt(\(inner))"
        }
    }

    private var term: String {
        if case .binary = self { "(\(self))" } else { description }
    }
}

/// Reads an expression by recursive descent: `or`, `and`, `not`, comparisons, sums, products, terms.
private struct ExpressionParser {
    private let text: String
    private var tokens: [Substring] = []
    private var position = 0
    private var depth = 0

    init(_ text: String) {
        self.text = text
        var rest = text[...]
        while let first = rest.first {
            if first == " " {
                rest.removeFirst()
                continue
            }
            let end: String.Index
            if first == "'" {
                let close = rest.dropFirst().firstIndex(of: "'")
                end = close.map { rest.index(after: $0) } ?? rest.endIndex
            } else if ExpressionParser.isWord(first) {
                end = rest.firstIndex { !ExpressionParser.isWord($0) } ?? rest.endIndex
            } else {
                let isLong = rest.hasPrefix("//") || rest.hasPrefix("!=")
                end = rest.index(rest.startIndex, offsetBy: isLong ? 2 : 1)
            }
            tokens.append(rest[..<end])
            rest = rest[end...]
        }
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "."
    }

    mutating func parse() throws(AssayError) -> Expression {
        let expression = try binary([[.or], [.and]], { (parser) throws(AssayError) in try parser.negation() })
        guard position == tokens.count else { throw error() }
        return expression
    }

    private func error() -> AssayError { .unreadable("is no expression", found: "\"\(text)\"") }

    private typealias Inner = (inout ExpressionParser) throws(AssayError) -> Expression

    /// Operators of these levels, the loosest first, around what `inner` reads.
    private mutating func binary(_ levels: [[Expression.Operator]], _ inner: Inner) throws(AssayError) -> Expression {
        guard let level = levels.first else { return try inner(&self) }
        let tighter = Array(levels.dropFirst())
        var left = try binary(tighter, inner)
        while position < tokens.count, let sign = Expression.Operator(rawValue: String(tokens[position])),
            level.contains(sign)
        {
            position += 1
            left = .binary(sign, left, try binary(tighter, inner))
        }
        return left
    }

    private mutating func negation() throws(AssayError) -> Expression {
        if position < tokens.count, tokens[position] == "not" {
            position += 1
            return .not(try negation())
        }
        let levels: [[Expression.Operator]] = [
            [.equal, .notEqual, .less, .greater], [.add, .subtract], [.multiply, .divide, .floorDivide, .remainder],
        ]
        return try binary(levels, { (parser) throws(AssayError) in try parser.term() })
    }

    private mutating func term() throws(AssayError) -> Expression {
        guard position < tokens.count, depth < 32 else { throw error() }
        let token = tokens[position]
        position += 1
        if token == "(" { return try parenthesised() }
        if token == "-" { return .binary(.subtract, .literal(0), try term()) }
        if token == "sqrt", position < tokens.count, tokens[position] == "(" {
            position += 1
            return .squareRoot(try parenthesised())
        }
        if token.first == "'" {
            guard token.count >= 2, token.last == "'" else { throw error() }
            return .literal(.string(String(token.dropFirst().dropLast())))
        }
        if token == "true" || token == "false" { return .literal(.bool(token == "true")) }
        if token == "null" { return .literal(.null) }
        if let integer = Int(token) { return .literal(.integer(integer)) }
        if let number = Double(token) { return .literal(.number(number)) }
        guard let first = token.first, first.isLetter || first == "_" else { throw error() }
        return .name(String(token))
    }

    private mutating func parenthesised() throws(AssayError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        let inner = try binary([[.or], [.and]], { (parser) throws(AssayError) in try parser.negation() })
        guard position < tokens.count, tokens[position] == ")" else { throw error() }
        position += 1
        return inner
    }
}
