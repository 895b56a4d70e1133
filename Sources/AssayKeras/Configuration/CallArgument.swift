// What a layer is called with: tensors and plain values, nested as Python nests them.

import AssayTensors
import OrderedCollections

/// One argument of a layer's call. `Tensor` is a reference in a plan, and a value while the graph is built.
public indirect enum CallArgument<Tensor: Sendable>: Sendable {
    /// A tensor.
    case tensor(Tensor)
    /// A list or tuple.
    case list([CallArgument])
    /// A dictionary.
    case dictionary(OrderedDictionary<String, CallArgument>)
    /// Anything without a tensor in it.
    case constant(JSON)

    /// All tensors, in order.
    public var tensors: [Tensor] {
        switch self {
        case .tensor(let tensor): [tensor]
        case .list(let elements): elements.flatMap(\.tensors)
        case .dictionary(let members): members.values.flatMap(\.tensors)
        case .constant: []
        }
    }

    /// The tensor, if it is one.
    public var tensor: Tensor? {
        if case .tensor(let tensor) = self { tensor } else { nil }
    }

    /// The plain value, if it is one; a list without tensors is one too.
    public var json: JSON? {
        switch self {
        case .tensor: return nil
        case .constant(let value): return value
        case .list(let elements):
            let values = elements.compactMap(\.json)
            return values.count == elements.count ? .array(values) : nil
        case .dictionary(let members):
            let values = members.compactMapValues(\.json)
            return values.count == members.count ? .object(values) : nil
        }
    }

    /// Whether it is Python's `None`.
    public var isNone: Bool {
        if case .constant(.null) = self { true } else { false }
    }

    /// The same arguments with every tensor replaced.
    func map<Other>(
        _ transform: (Tensor) throws(AssayError) -> Other
    ) throws(AssayError) -> CallArgument<Other> {
        switch self {
        case .tensor(let tensor): return .tensor(try transform(tensor))
        case .constant(let value): return .constant(value)
        case .list(let elements):
            var mapped: [CallArgument<Other>] = []
            for element in elements { mapped.append(try element.map(transform)) }
            return .list(mapped)
        case .dictionary(let members):
            var mapped: OrderedDictionary<String, CallArgument<Other>> = [:]
            for (key, member) in members { mapped[key] = try member.map(transform) }
            return .dictionary(mapped)
        }
    }
}

/// All arguments of a layer's call.
public struct CallArguments<Tensor: Sendable>: Sendable {
    /// Those by position.
    public var positional: [CallArgument<Tensor>]
    /// Those by name.
    public var keyword: OrderedDictionary<String, CallArgument<Tensor>>

    /// Arguments of a call.
    public init(
        _ positional: [CallArgument<Tensor>], keyword: OrderedDictionary<String, CallArgument<Tensor>> = [:]
    ) {
        self.positional = positional
        self.keyword = keyword
    }

    /// All tensors, in order.
    public var tensors: [Tensor] { positional.flatMap(\.tensors) + keyword.values.flatMap(\.tensors) }

    /// The argument called `name`, or at `position`; nil where it is left out or `None`.
    public func argument(_ name: String, at position: Int? = nil) -> CallArgument<Tensor>? {
        let found = keyword[name] ?? position.flatMap { positional.indices.contains($0) ? positional[$0] : nil }
        guard let found, !found.isNone else { return nil }
        return found
    }

    /// The same arguments with every tensor replaced.
    func map<Other>(
        _ transform: (Tensor) throws(AssayError) -> Other
    ) throws(AssayError) -> CallArguments<Other> {
        var mapped = CallArguments<Other>([])
        for argument in positional { mapped.positional.append(try argument.map(transform)) }
        for (key, argument) in keyword { mapped.keyword[key] = try argument.map(transform) }
        return mapped
    }
}
