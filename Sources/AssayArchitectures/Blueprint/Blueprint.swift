// The part of a specification that builds: settings, inputs, steps and heads, as data.

import AssayTensors
import OrderedCollections

/// How a model of an architecture is built from named tensors: what transformers says in Python, as data.
public struct Blueprint: Sendable {
    /// The values of `model_type` in a `config.json` that mean this architecture.
    public var modelTypes: [String]
    /// What the names of its classes begin with: `Bert` of `BertForMaskedLM`; architectures that compute the same have
    /// several.
    public var classPrefixes: [String]
    /// The module that holds the model without its head; empty where there is none.
    public var module: String
    /// Whether transformers has these models for TensorFlow as well.
    public var hasTensorFlow: Bool
    /// What joins a module's name and its number in TensorFlow's names.
    public var tensorFlowNumbering: String
    /// What a configuration sets beside dimensions, with the default.
    public var settings: OrderedDictionary<String, Setting>
    /// What a configuration can ask for that is not built.
    public var refusals: [Refusal]
    /// What a configuration can ask for that transformers' TensorFlow models ignore.
    public var tensorFlowRefusals: [Refusal]
    /// The inputs by name.
    public var inputs: OrderedDictionary<String, Input>
    /// The steps of the model without a head.
    public var steps: [Step]
    /// The heads by the end of the class name: `Model`, `ForMaskedLM`, ….
    public var heads: OrderedDictionary<String, Head>
    /// Ends of names of tensors that files have and no model uses: buffers that are computed anew.
    public var ignored: [String]

    /// Something that a configuration says: an epsilon, an activation, a switch.
    public struct Setting: Sendable {
        /// The keys of `config.json` that say it, the first that is there counts.
        public var keys: [String]
        /// What holds where none is there.
        public var fallback: Expression
    }

    /// Something that a configuration can ask for and that is not there.
    public struct Refusal: Sendable {
        /// When it is asked for.
        public var condition: Expression
        /// What it is, as the start of "… is not built".
        public var subject: String
    }

    /// An input of the model.
    public struct Input: Sendable {
        /// The type of its elements.
        public var type: ElementType
        /// Its extents: dimensions, symbols, or what gives the text of a symbol.
        public var shape: [Expression]
        /// When the model has it; always where nil.
        public var condition: Expression?
        /// The value of every element where the input is left out; nil for one that must be given.
        public var fill: Double?
    }

    /// What a class adds to the model without a head.
    public struct Head: Sendable {
        /// The module that holds the model under this head, where it is not that of the others.
        public var module: String?
        /// Settings that this head decides.
        public var settings: OrderedDictionary<String, Expression>
        /// The steps after the model's.
        public var steps: [Step]
        /// The outputs by name, and the values that they are.
        public var outputs: OrderedDictionary<String, String>
        /// Whether transformers has this class for TensorFlow as well.
        public var hasTensorFlow: Bool
        /// What a configuration can ask for that this class ignores in TensorFlow.
        public var tensorFlowRefusals: [Refusal]
        /// Groups of a TensorFlow file that hold tensors of other modules again, and these modules.
        public var tensorFlowRepeats: OrderedDictionary<String, [String]>
        /// Keras layers without weights that a TensorFlow file names as well: what they do, and their number among all of
        /// the kind in the model.
        public var tensorFlowLayers: OrderedDictionary<String, Expression>
    }

    /// The head of the class `architecture`, `BertForMaskedLM`; nil where it is not known.
    public func head(of architecture: String) -> String? {
        classPrefixes.lazy.filter { architecture.hasPrefix($0) }.map { String(architecture.dropFirst($0.count)) }
            .first { heads[$0] != nil }
    }

    /// The module that holds the model under a head: none for the model without one.
    public func base(under head: String) -> ModulePath {
        ModulePath().appending(name: heads[head]?.module ?? (head == Blueprint.baseHead ? "" : module))
    }

    /// The names of all classes that it builds.
    public var classNames: [String] { classPrefixes.flatMap { prefix in heads.keys.map { prefix + $0 } } }

    /// The names that say how often steps are repeated, or which numbered module a repetition uses.
    var counts: Set<String> { Blueprint.counts(in: steps) }

    private static func counts(in steps: [Step]) -> Set<String> {
        steps.reduce(into: []) { names, step in
            for case .number(let number) in step.module?.parts ?? [] { names.formUnion(number.names) }
            switch step.kind {
            case .group(let inner): names.formUnion(counts(in: inner))
            case .repeated(_, let count, let inner): names.formUnion(count.names.union(counts(in: inner)))
            case .block, .record: break
            }
        }
    }

    /// Whether a stored tensor is one that no model uses.
    func ignores(_ place: StoredName) -> Bool {
        let name = (place.modules + [place.role]).joined(separator: ".")
        return ignored.contains { name == $0 || name.hasSuffix("." + $0) }
    }

    /// The head of a model without one.
    public static let baseHead = "Model"
}

/// One step: a block with its operands, a module with steps inside, or a value that is recorded.
public struct Step: Sendable {
    /// What it does.
    public var kind: Kind
    /// The module it is, relative to the enclosing one: `attention.self.query`, `layer.{i}`; nil for a step that is none.
    public var module: ModuleTemplate?
    /// The values it takes, by name; one that need not be there ends in `?`.
    public var operands: [String]
    /// The names of the values it gives.
    public var results: [String]
    /// When it is done; always where nil.
    public var condition: Expression?
    /// Whether it is left out where the file has none of its tensors.
    public var isOptional: Bool

    /// What a step does.
    public enum Kind: Sendable {
        /// One block.
        case block(BlockUse)
        /// Steps inside, done once.
        case group([Step])
        /// Steps inside, done once for each value of a counter from 0 below a count.
        case repeated(counter: String, count: Expression, [Step])
        /// The operand is recorded under a name with a number behind it: `hidden_states.0`.
        case record(String)
    }
}

/// A block and what it is given.
public struct BlockUse: Sendable {
    /// The block, with the names that its parameters have here.
    public var block: BlockSpecification
    /// Its own dimensions in those of the architecture.
    public var dimensions: OrderedDictionary<String, Expression>
    /// Its options.
    public var options: OrderedDictionary<String, Expression>
    /// Parameters that are another module's: the module, from the root, and the parameter's name there.
    public var ties: OrderedDictionary<String, Tie>

    /// Where a parameter is stored that belongs to another module.
    public struct Tie: Sendable {
        /// The module that owns the tensor, from the root of the model without a head.
        public var module: ModuleTemplate
        /// Its name in that module's block.
        public var parameter: String
        /// How PyTorch stores it there.
        public var pytorch: BlockSpecification.Stored
        /// How TensorFlow stores it there.
        public var tensorFlow: BlockSpecification.Stored
        /// Whether its axes stand in the opposite order there.
        public var isTransposed: Bool
        /// When it is tied; always where nil.
        public var condition: Expression?
    }
}

/// A module's path with counters in it: `encoder.layer.{i}`.
public struct ModuleTemplate: Sendable, Hashable {
    /// The parts between the dots.
    public var parts: [Part]
    /// What stands in TensorFlow's names of its variables instead of the model's instance and all modules: variables that
    /// are made outside of the layer that has them, `model.shared/model.shared` in BART.
    public var tensorFlowScope: String?

    /// A part of a path.
    public enum Part: Sendable, Hashable {
        /// A name, and TensorFlow's name for it where it has another.
        case name(String, tensorFlow: String?)
        /// A number.
        case number(Expression)
    }

    /// Parses `encoder.layer.{i}`.
    ///
    /// - Throws: `AssayError.unreadable` for a number that is no expression.
    public init(_ text: String, tensorFlow: String? = nil, tensorFlowScope: String? = nil) throws(AssayError) {
        self.tensorFlowScope = tensorFlowScope
        let names = text.split(separator: ".").map(String.init)
        let others = tensorFlow?.split(separator: ".").map(String.init)
        if let others, others.count != names.count {
            throw .unreadable("the module has another number of parts in TensorFlow", found: "\(text), \(others)")
        }
        parts = []
        for (index, name) in names.enumerated() {
            if name.hasPrefix("{"), name.hasSuffix("}") {
                parts.append(.number(try Expression(String(name.dropFirst().dropLast()))))
            } else {
                parts.append(.name(name, tensorFlow: others.flatMap { $0[index] == name ? nil : $0[index] }))
            }
        }
    }

}

extension Blueprint {
    /// The names of all its modules, numbers left out.
    var moduleNames: Set<String> { Set(steps.moduleNames + heads.values.flatMap(\.steps.moduleNames)) }
}

extension [Step] {
    fileprivate var moduleNames: [String] {
        flatMap { step in
            let own = (step.module?.parts ?? []).compactMap { part in
                if case .name(let name, _) = part { name } else { nil }
            }
            switch step.kind {
            case .block, .record: return own
            case .group(let inner), .repeated(_, _, let inner): return own + inner.moduleNames
            }
        }
    }
}
