// What a block is made of, as data: Schemas/blocks.json. The builders in Builders/ say what it computes.

import AssayTensors
import OrderedCollections

/// A kind of block: its dimensions, options, and parameters with their names in each dialect.
public struct BlockSpecification: Sendable {
    /// The name that steps use.
    public var name: String
    /// The class that reports show.
    public var className: String
    /// Its own dimensions.
    public var dimensions: [String]
    /// Its options, and what each means.
    public var options: OrderedDictionary<String, String>
    /// Its parameters by name.
    public var parameters: OrderedDictionary<String, Parameter>

    /// One parameter of a block.
    public struct Parameter: Sendable {
        /// The shape of the value, in the block's dimensions.
        public var shape: [Expression]
        /// The option without which the block has no such parameter; nil for one that it always has.
        public var option: String?
        /// How PyTorch stores it.
        public var pytorch: Stored
        /// How TensorFlow stores it.
        public var tensorFlow: Stored
    }

    /// How a dialect stores a parameter.
    public struct Stored: Sendable, Hashable {
        /// Its name in its module; where it stands in a module inside, with that one in front: `decoder.bias`.
        public var name: String
        /// Other names under which files have it, which are read and never written.
        public var aliases: [String] = []
        /// Other names under which the dialect stores it once more: they are read, and written as well.
        public var twins: [String] = []
        /// The axes of the value in the order in which they are stored; nil for the value's own order.
        public var axes: [Int]?
        /// Axes of extent 1 that are stored in front.
        public var leadingOnes: Int

        /// All names, the first choice first.
        public var allNames: [String] { [name] + twins + aliases }

        /// How a dialect stores a parameter.
        public init(name: String, axes: [Int]? = nil, leadingOnes: Int = 0) {
            self.name = name
            self.axes = axes
            self.leadingOnes = leadingOnes
        }
    }
}

extension BlockSpecification {
    /// All blocks of a file like `Schemas/blocks.json`, by name.
    ///
    /// - Throws: `AssayError.unreadable` for what the schema does not allow, with the place.
    static func blocks(json: JSON) throws(AssayError) -> OrderedDictionary<String, BlockSpecification> {
        guard let members = json["blocks"]?.object else { throw .unreadable("has no blocks") }
        var blocks: OrderedDictionary<String, BlockSpecification> = [:]
        for (name, block) in members {
            do throws(AssayError) {
                blocks[name] = try BlockSpecification(name: name, json: block)
            } catch {
                throw error.located(object: name)
            }
        }
        return blocks
    }

    private init(name: String, json: JSON) throws(AssayError) {
        self.name = name
        className = json["class"]?.string ?? name
        dimensions = json["dimensions"]?.array?.compactMap(\.string) ?? []
        options = [:]
        for (option, meaning) in json["options"]?.object ?? [:] { options[option] = meaning.string ?? "" }
        parameters = [:]
        for (parameter, description) in json["parameters"]?.object ?? [:] {
            parameters[parameter] = try Parameter(json: description, parameter, of: self)
        }
    }
}

extension BlockSpecification.Parameter {
    fileprivate init(json: JSON, _ name: String, of block: BlockSpecification) throws(AssayError) {
        guard let extents = json["shape"]?.array else { throw .unreadable("\(name) has no shape") }
        shape = []
        for extent in extents { shape.append(try Expression(json: extent)) }
        for dimension in shape.flatMap(\.names) where !block.dimensions.contains(dimension) {
            throw .unreadable("\(name) has an undeclared dimension \(dimension)")
        }
        option = json["option"]?.string
        if let option, block.options[option] == nil {
            throw .unreadable("\(name) depends on an undeclared option \(option)")
        }
        pytorch = BlockSpecification.Stored(json: json["pytorch"], name)
        tensorFlow = BlockSpecification.Stored(json: json["tensorflow"], name)
        for axes in [pytorch.axes, tensorFlow.axes].compactMap({ $0 }) where axes.sorted() != Array(shape.indices) {
            throw .unreadable("\(name): axes must be those of the shape in another order", found: "\(axes)")
        }
    }
}

extension BlockSpecification {
    /// Gives the block's only parameter another name, everywhere.
    ///
    /// - Throws: `AssayError.unreadable` when it has another number of parameters.
    mutating func renameParameter(to other: String) throws(AssayError) {
        guard parameters.count == 1, var parameter = parameters.values.first else {
            throw .unreadable("the block \(name) has \(parameters.count) parameters: \(other) cannot be its only one")
        }
        parameter.pytorch.name = other
        parameter.tensorFlow.name = other
        parameters = [other: parameter]
    }

    /// Gives a parameter other names in the dialects: a text is TensorFlow's, an object has both dialects'.
    ///
    /// - Throws: `AssayError.unreadable` when there is no such parameter.
    mutating func rename(_ parameter: String, _ names: JSON) throws(AssayError) {
        guard var renamed = parameters[parameter] else { throw hasNo(parameter) }
        renamed.pytorch.rename(names["pytorch"])
        renamed.tensorFlow.rename(names.string.map { .string($0) } ?? names["tensorflow"])
        parameters[parameter] = renamed
    }

    func hasNo(_ parameter: String) -> AssayError {
        .unreadable(
            "the block \(name) has no parameter \(parameter)", expected: parameters.keys.joined(separator: ", "))
    }
}

extension BlockSpecification.Stored {
    fileprivate init(json: JSON?, _ name: String) {
        self.init(
            name: name, axes: json?["axes"]?.array?.compactMap(\.integer))
        rename(json)
    }

    /// Takes the names that a JSON value says, and the axes in front; what it does not say stays.
    fileprivate mutating func rename(_ json: JSON?) {
        leadingOnes = json?["leading_ones"]?.integer ?? leadingOnes
        name = json?.string ?? json?["name"]?.string ?? name
        aliases = json?["aliases"]?.array?.compactMap(\.string) ?? aliases
        twins = json?["twins"]?.array?.compactMap(\.string) ?? twins
    }

    /// The shape in which a value of `shape` is stored.
    public func storedShape(of shape: [Int]) -> [Int] {
        [Int](repeating: 1, count: leadingOnes) + (axes.map { $0.map { shape[$0] } } ?? shape)
    }
}
