// The specification of one Transformer architecture, as data: Schemas/architectures/NAME.json.

import AssayTensors
import OrderedCollections

/// What one architecture is made of: symbolic dimensions, and the layers with their parameters' shapes in those dimensions.
public struct Specification: Sendable {
    /// The name: that of the file.
    public var name: String
    /// What it is, in a line.
    public var title: String
    /// Where it is described.
    public var source: String
    /// The symbolic dimensions.
    public var dimensions: OrderedDictionary<String, DimensionSpecification>
    /// What must hold between dimensions.
    public var constraints: [Constraint]
    /// The layers of a Keras model in the order of computation; empty for an architecture that no Keras model is
    /// recognised as.
    public var structure: [Element]
    /// How a model is built from named tensors; nil for an architecture that is recognised by its structure alone.
    public var blueprint: Blueprint?

    /// A symbolic dimension.
    public struct DimensionSpecification: Sendable {
        /// What it counts.
        public var meaning: String
        /// The keys of `config.json` that say it, the first that is there counts.
        public var keys: [String]
        /// What it is where no key says it.
        public var fallback: Expression?
    }

    /// A relation between dimensions that must hold.
    public struct Constraint: Sendable, Hashable {
        /// The left side, a product of dimensions and numbers.
        public var left: [String]
        /// How the sides must relate.
        public var relation: Relation
        /// The right side, a product of dimensions and numbers.
        public var right: [String]

        /// How two sides relate.
        public enum Relation: String, Sendable, Hashable {
            /// Both are the same number.
            case equals = "="
            /// The left is a multiple of the right.
            case multipleOf = "multiple of"
            /// The left is at least the right.
            case atLeast = ">="
        }
    }

    /// One piece of the structure.
    public indirect enum Element: Sendable {
        /// A layer that must be there.
        case layer(LayerSpecification)
        /// Pieces that may be left out together.
        case optional([Element])
        /// Pieces that come several times, counted by a dimension.
        case repeated(by: String, [Element])
        /// One of several spellings.
        case oneOf([[Element]])
    }

    /// A layer with its parameters.
    public struct LayerSpecification: Sendable {
        /// What it does in the architecture: `attention`, `feed_forward_expansion`, …
        public var role: String
        /// The classes that play this role.
        public var classes: [String]
        /// Symbolic shapes of the stored parameters by their roles; one that need not be there ends in `?`.
        public var parameters: OrderedDictionary<String, [String]>
        /// Dimensions and fixed values that configuration keys set.
        public var configuration: OrderedDictionary<String, String>
    }
}

extension Specification {
    /// A specification from its JSON.
    ///
    /// - Throws: `AssayError.unreadable` for what the schema does not allow, with the place.
    public init(
        json: JSON, name: String, blocks: OrderedDictionary<String, BlockSpecification>
    ) throws(AssayError) {
        guard let members = json.object else { throw .unreadable("not an object", object: name) }
        let allowed: Set = ["$schema", "title", "source", "dimensions", "constraints", "structure", "model"]
        if let unknown = members.keys.first(where: { !allowed.contains($0) }) {
            throw .unreadable("unknown key \(unknown)", object: name)
        }
        self.name = name
        title = json["title"]?.string ?? name
        source = json["source"]?.string ?? ""
        dimensions = [:]
        for (dimension, description) in json["dimensions"]?.object ?? [:] {
            dimensions[dimension] = try DimensionSpecification(json: description)
        }
        constraints = []
        for text in json["constraints"]?.array ?? [] {
            constraints.append(try Constraint(text: text.string ?? "", dimensions: Set(dimensions.keys), in: name))
        }
        let declared = Set(dimensions.keys)
        structure =
            try json["structure"].map { (json) throws(AssayError) in
                try Specification.elements(json, declared, name)
            } ?? []
        do throws(AssayError) {
            blueprint = try json["model"].map { (json) throws(AssayError) in try Blueprint(json: json, blocks: blocks) }
        } catch {
            throw error.inside("model").located(file: "\(name).json")
        }
        guard blueprint != nil || !structure.isEmpty else {
            throw .unreadable("says neither a structure nor a model", object: name)
        }
    }

    private static func elements(
        _ json: JSON?, _ dimensions: Set<String>, _ name: String
    ) throws(AssayError) -> [Element] {
        guard let list = json?.array, !list.isEmpty else {
            throw .unreadable("a structure must be a list of layers", object: name)
        }
        var elements: [Element] = []
        for element in list {
            if let optional = element["optional"] {
                elements.append(.optional(try self.elements(optional, dimensions, name)))
            } else if let body = element["repeat"] {
                guard let count = element["count"]?.string, dimensions.contains(count) else {
                    throw .unreadable("a repetition needs a declared dimension as its count", object: name)
                }
                elements.append(.repeated(by: count, try self.elements(body, dimensions, name)))
            } else if let choices = element["one_of"]?.array {
                var spellings: [[Element]] = []
                for choice in choices { spellings.append(try self.elements(choice, dimensions, name)) }
                elements.append(.oneOf(spellings))
            } else {
                elements.append(.layer(try LayerSpecification(json: element, dimensions, name)))
            }
        }
        return elements
    }
}

extension Specification.DimensionSpecification {
    /// A dimension from its JSON: its meaning alone, or an object.
    fileprivate init(json: JSON) throws(AssayError) {
        meaning = json.string ?? json["about"]?.string ?? ""
        keys = json["key"]?.string.map { [$0] } ?? json["keys"]?.array?.compactMap(\.string) ?? []
        fallback = try json["default"].map { (json) throws(AssayError) in try Expression(json: json) }
    }
}

extension Specification.LayerSpecification {
    fileprivate init(
        json: JSON, _ dimensions: Set<String>, _ name: String
    ) throws(AssayError) {
        guard let role = json["role"]?.string, let classes = json["classes"]?.array?.compactMap(\.string),
            !classes.isEmpty
        else { throw .unreadable("a layer needs a role and classes, found \(json.text())", object: name) }
        self.role = role
        self.classes = classes
        parameters = [:]
        for (parameter, shape) in json["parameters"]?.object ?? [:] {
            let extents = shape.array?.compactMap(\.string) ?? []
            for extent in extents where !dimensions.contains(extent) && Int(extent) == nil {
                throw .unreadable("\(role): \(parameter) has an undeclared dimension \(extent)", object: name)
            }
            parameters[parameter] = extents
        }
        configuration = [:]
        for (key, value) in json["configuration"]?.object ?? [:] {
            guard let text = value.string, dimensions.contains(text) else {
                throw .unreadable("\(role): \(key) must name a declared dimension", object: name)
            }
            configuration[key] = text
        }
    }
}

extension Specification.Constraint {
    /// A constraint from its text: `d_model multiple of heads`, `inner = heads * key_width`.
    fileprivate init(
        text: String, dimensions: Set<String>, in name: String
    ) throws(AssayError) {
        for relation in [Relation.multipleOf, .atLeast, .equals] {
            let sides = text.split(separator: " \(relation.rawValue) ").map { side in
                side.split(separator: "*").map { String($0.filter { $0 != " " }) }
            }
            guard sides.count == 2 else { continue }
            for factor in sides.joined() where !dimensions.contains(factor) && Int(factor) == nil {
                throw .unreadable("the constraint \"\(text)\" has an undeclared dimension \(factor)", object: name)
            }
            self.init(left: sides[0], relation: relation, right: sides[1])
            return
        }
        throw .unreadable("\"\(text)\" is no constraint", expected: "A = B, A >= B, A multiple of B", object: name)
    }

    /// The constraint as a text.
    public var text: String {
        "\(left.joined(separator: " * ")) \(relation.rawValue) \(right.joined(separator: " * "))"
    }
}
