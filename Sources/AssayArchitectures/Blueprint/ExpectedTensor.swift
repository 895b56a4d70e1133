// The tensors that a model of an architecture must have: the steps of a blueprint, told by their parameters alone.

import AssayTensors
import OrderedCollections

/// A tensor that the architecture asks for.
public struct ExpectedTensor: Sendable {
    /// The module that owns it.
    public var module: ModulePath
    /// The parameter's name in its block: `kernel`, `bias`, `gamma`, ….
    public var parameter: String
    /// The shape of the value, in the architecture's dimensions.
    public var shape: [Expression]
    /// How PyTorch stores it.
    public var pytorch: BlockSpecification.Stored
    /// How TensorFlow stores it.
    public var tensorFlow: BlockSpecification.Stored
    /// The module that the model works without, where it is in one: all of its tensors may be missing, or none.
    public var optionalModule: [String]?

    /// Whether the model works without it.
    public var isOptional: Bool { optionalModule != nil }

    /// The path of the parameter: `encoder/layer/0/output/dense/kernel`.
    public var path: String { module.parts.isEmpty ? parameter : "\(module.layer)/\(parameter)" }

    /// PyTorch's name: `encoder.layer.0.output.dense.weight`.
    public var pytorchName: String { (module.names + [pytorch.name]).joined(separator: ".") }

    /// All names under which PyTorch's files have it.
    public var pytorchNames: [String] { pytorch.writtenNames.map { (module.names + [$0]).joined(separator: ".") } }

    /// How a dialect stores it.
    public func stored(isTensorFlow: Bool) -> BlockSpecification.Stored { isTensorFlow ? tensorFlow : pytorch }
}

/// Lists the tensors of a blueprint for the values of one model.
public struct ExpectedTensors {
    /// A repetition of steps.
    public struct Repetition {
        /// The path of the module that has the numbered ones; nil where a number is not the counter itself.
        public var modules: [String]?
        /// What says how often.
        public var count: Expression
    }

    /// How often steps are repeated, where the names of a file tell; nil for what the dimensions say.
    public typealias Count = (Repetition) -> Int?

    /// A parameter that is another module's.
    public struct Tie: Sendable {
        /// What the block would have of its own; some files store it as well.
        public var twin: ExpectedTensor
        /// The tensor that counts.
        public var owner: ExpectedTensor
    }

    /// The tensors, each once.
    public private(set) var tensors: [ExpectedTensor] = []
    /// The parameters that are tied.
    public private(set) var ties: [Tie] = []
    private var paths: Set<String> = []
    private let count: Count
    /// The module that ties are counted from; nil where they are left out.
    private let base: ModulePath?

    /// The tensors of a model, and its ties.
    ///
    /// - Parameters:
    ///   - head: the head; it must be one of the blueprint's.
    ///   - count: what tells how often steps are repeated before the dimensions do.
    /// - Throws: `AssayError.unreadable` naming a dimension that is needed and not known.
    public init(
        _ blueprint: Blueprint, head: String, values: ArchitectureValues, count: @escaping Count = { _ in nil }
    ) throws(AssayError) {
        let base = blueprint.base(under: head)
        self.init(base: base, count: count)
        let scope = Scope(values: values)
        try add(blueprint.steps, in: base, scope, optional: nil)
        try add(blueprint.heads[head]?.steps ?? [], in: ModulePath(), scope, optional: nil)
    }

    /// The tensors of a model.
    ///
    /// - Throws: as `init(_:head:values:count:)`.
    public static func list(
        _ blueprint: Blueprint, head: String, values: ArchitectureValues, count: @escaping Count = { _ in nil }
    ) throws(AssayError) -> [ExpectedTensor] {
        try ExpectedTensors(blueprint, head: head, values: values, count: count).tensors
    }

    /// The tensors of some steps inside a module, without those that are another module's.
    static func list(_ steps: [Step], in module: ModulePath, _ scope: Scope) throws(AssayError) -> [ExpectedTensor] {
        var list = ExpectedTensors(base: nil) { _ in nil }
        try list.add(steps, in: module, scope, optional: nil)
        return list.tensors
    }

    /// The tensor that one parameter of a block is: its own, or the one that it is tied to, whose axes may stand in the
    /// opposite order.
    static func tensor(
        _ name: String, of use: BlockUse, in module: ModulePath, base: ModulePath, _ scope: Scope
    ) throws(AssayError) -> (expected: ExpectedTensor, isTransposed: Bool)? {
        guard let parameter = use.block.parameters[name] else { return nil }
        var expected = use.expected(name, parameter, in: module, optional: nil)
        guard let tie = use.ties[name], try scope.holds(tie.condition) else { return (expected, false) }
        expected.module = try base.appending(tie.module, scope)
        expected.parameter = tie.parameter
        expected.pytorch = tie.pytorch
        expected.tensorFlow = tie.tensorFlow
        if tie.isTransposed { expected.shape.reverse() }
        return (expected, tie.isTransposed)
    }

    private init(base: ModulePath?, count: @escaping Count) {
        self.base = base
        self.count = count
    }

    private mutating func add(
        _ steps: [Step], in module: ModulePath, _ scope: Scope, optional: [String]?
    ) throws(AssayError) {
        for step in steps where try scope.holds(step.condition, unknownHolds: true) {
            var optional = optional
            if optional == nil, step.isOptional { optional = module.names + (step.module?.namesBeforeCounter ?? []) }
            switch step.kind {
            case .record: break
            case .group(let inner): try add(inner, in: path(step, module, scope), scope, optional: optional)
            case .repeated(let counter, let count, let inner):
                for index in 0..<(try repetitions(count, step, module, scope)) {
                    var inside = scope
                    inside.counters[counter] = index
                    try add(inner, in: path(step, module, inside), inside, optional: optional)
                }
            case .block(let use): try add(use, in: path(step, module, scope), scope, optional: optional)
            }
        }
    }

    private func path(_ step: Step, _ module: ModulePath, _ scope: Scope) throws(AssayError) -> ModulePath {
        guard let template = step.module else { return module }
        return try module.appending(template, scope)
    }

    /// The number of repetitions: what the names of the file tell, or what the dimension says.
    private func repetitions(
        _ count: Expression, _ step: Step, _ module: ModulePath, _ scope: Scope
    ) throws(AssayError) -> Int {
        let modules = step.module?.namesBeforeNumber.map { module.names + $0 }
        if let told = self.count(Repetition(modules: modules, count: count)) { return told }
        return try scope.count(count)
    }

    private mutating func add(
        _ use: BlockUse, in module: ModulePath, _ scope: Scope, optional: [String]?
    ) throws(AssayError) {
        for (name, parameter) in use.block.parameters where try use.has(parameter, scope, unknownHolds: true) {
            let own = use.expected(name, parameter, in: module, optional: optional)
            guard let tie = use.ties[name], try scope.holds(tie.condition) else {
                insert(own)
                continue
            }
            guard let base, let owned = try ExpectedTensors.tensor(name, of: use, in: module, base: base, scope) else {
                continue
            }
            ties.append(Tie(twin: own, owner: owned.expected))
            // A tensor may have no owner but those that are tied to it.
            insert(owned.expected)
        }
    }

    private mutating func insert(_ tensor: ExpectedTensor) {
        if paths.insert(tensor.path).inserted { tensors.append(tensor) }
    }
}

extension BlockUse {
    /// The tensor of one of the block's own parameters.
    fileprivate func expected(
        _ name: String, _ parameter: BlockSpecification.Parameter, in module: ModulePath, optional: [String]?
    ) -> ExpectedTensor {
        ExpectedTensor(
            module: module, parameter: name, shape: parameter.shape.map { $0.replacing(dimensions) },
            pytorch: parameter.pytorch, tensorFlow: parameter.tensorFlow, optionalModule: optional)
    }

    /// Whether the block has a parameter here: always, unless its option is false.
    func has(
        _ parameter: BlockSpecification.Parameter, _ scope: Scope, unknownHolds: Bool = false
    ) throws(AssayError) -> Bool {
        guard let option = parameter.option, let value = options[option] else { return true }
        return try scope.holds(value, unknownHolds: unknownHolds)
    }
}

extension Scope {
    /// The most repetitions that a file may ask for.
    private static let maximumCount = 1 << 16

    /// How often a step is repeated.
    ///
    /// - Throws: `AssayError.unreadable` when it is not known, or no sane number.
    func count(_ expression: Expression) throws(AssayError) -> Int {
        let count = try integer(expression)
        guard (0...Scope.maximumCount).contains(count) else {
            throw .unreadable("wrong number", expected: "0 to \(Scope.maximumCount)", found: "\(expression) = \(count)")
        }
        return count
    }
}

extension ModuleTemplate {
    /// The names before the first number.
    fileprivate var namesBeforeCounter: [String] {
        parts.prefix { if case .name = $0 { true } else { false } }.map { part in
            if case .name(let name, _) = part { name } else { "" }
        }
    }

    /// The names before the first number, nil where there is none or a number is not a counter alone.
    var namesBeforeNumber: [String]? {
        var names: [String] = []
        for part in parts {
            switch part {
            case .name(let name, _): names.append(name)
            case .number(.name): return names
            case .number: return nil
            }
        }
        return nil
    }
}
