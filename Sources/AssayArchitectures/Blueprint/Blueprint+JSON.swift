// Reading the building part of a specification from its JSON. What the schema does not allow is an error with its place.

import AssayTensors
import OrderedCollections

extension Blueprint {
    /// A blueprint from the member `model` of a specification.
    ///
    /// - Throws: `AssayError.unreadable` for a missing or unknown key, an unknown block, or a value that is no expression.
    init(json: JSON, blocks: OrderedDictionary<String, BlockSpecification>) throws(AssayError) {
        let allowed: Set = [
            "types", "class", "module", "tensorflow", "tensorflow_numbering", "settings", "refused",
            "tensorflow_refused",
            "inputs", "steps", "heads", "ignored",
        ]
        if let unknown = json.object?.keys.first(where: { !allowed.contains($0) }) {
            throw .unreadable("unknown key \(unknown)")
        }
        modelTypes = json["types"]?.array?.compactMap(\.string) ?? []
        classPrefixes = json["class"]?.string.map { [$0] } ?? json["class"]?.array?.compactMap(\.string) ?? [""]
        module = json["module"]?.string ?? ""
        hasTensorFlow = json["tensorflow"]?.bool ?? true
        tensorFlowNumbering = json["tensorflow_numbering"]?.string ?? "_._"
        settings = [:]
        for (name, setting) in json["settings"]?.object ?? [:] { settings[name] = try Setting(json: setting) }
        refusals = try Refusal.list(json["refused"])
        tensorFlowRefusals = try Refusal.list(json["tensorflow_refused"])
        inputs = [:]
        for (name, input) in json["inputs"]?.object ?? [:] { inputs[name] = try Input(json: input, name) }
        let parser = StepParser(blocks: blocks)
        steps = try parser.steps(json["steps"])
        heads = [:]
        let described = json["heads"]?.object ?? [:]
        for (name, head) in described {
            do throws(AssayError) {
                // A text names the head that this one is like.
                var own = try Head(json: head.string.flatMap { described[$0] } ?? head, parser)
                if let first = head["after"]?.string {
                    guard let other = described[first] else { throw .unreadable("no head \(first) to stand after") }
                    own.follow(try Head(json: other, parser))
                }
                heads[name] = own
            } catch {
                throw error.inside("heads.\(name)")
            }
        }
        ignored = json["ignored"]?.array?.compactMap(\.string) ?? []
        guard !heads.isEmpty else { throw .unreadable("a model needs at least one head", expected: "\"Model\"") }
    }
}

extension Blueprint.Setting {
    fileprivate init(json: JSON) throws(AssayError) {
        keys = json["key"]?.string.map { [$0] } ?? json["keys"]?.array?.compactMap(\.string) ?? []
        fallback = try Expression(json: json["default"] ?? .null)
    }
}

extension Blueprint.Refusal {
    fileprivate static func list(_ json: JSON?) throws(AssayError) -> [Blueprint.Refusal] {
        var refusals: [Blueprint.Refusal] = []
        for refusal in json?.array ?? [] {
            let condition = try Expression(json: refusal["when"] ?? .null)
            refusals.append(Blueprint.Refusal(condition: condition, subject: refusal["what"]?.string ?? "\(condition)"))
        }
        return refusals
    }
}

extension Blueprint.Input {
    fileprivate init(json: JSON, _ name: String) throws(AssayError) {
        guard let type = json["type"]?.string.flatMap({ ElementType(displayName: $0) }),
            let extents = json["shape"]?.array
        else { throw .unreadable("the input \(name) needs a type and a shape", found: json.text()) }
        self.type = type
        shape = []
        for extent in extents { shape.append(try Expression(json: extent)) }
        condition = try json["when"].map { (condition) throws(AssayError) in try Expression(json: condition) }
        fill = json["default"]?.number
    }
}

extension Blueprint.Head {
    fileprivate init(json: JSON, _ parser: StepParser) throws(AssayError) {
        let allowed: Set = [
            "after", "module", "settings", "steps", "outputs", "tensorflow", "tensorflow_refused", "tensorflow_repeats",
            "tensorflow_layers",
        ]
        if let unknown = json.object?.keys.first(where: { !allowed.contains($0) }) {
            throw .unreadable("unknown key \(unknown)")
        }
        module = json["module"]?.string
        settings = [:]
        for (name, value) in json["settings"]?.object ?? [:] { settings[name] = try Expression(json: value) }
        steps = try parser.steps(json["steps"] ?? [])
        outputs = [:]
        for (name, value) in json["outputs"]?.object ?? [:] { outputs[name] = value.string ?? "" }
        hasTensorFlow = json["tensorflow"]?.bool ?? true
        tensorFlowRefusals = try Blueprint.Refusal.list(json["tensorflow_refused"])
        tensorFlowRepeats = [:]
        for (group, modules) in json["tensorflow_repeats"]?.object ?? [:] {
            tensorFlowRepeats[group] = modules.array?.compactMap(\.string) ?? []
        }
        tensorFlowLayers = [:]
        for (kind, number) in json["tensorflow_layers"]?.object ?? [:] {
            tensorFlowLayers[kind] = try Expression(json: number)
        }
    }

    /// Makes it what comes after `other`: that head's steps are done first, its outputs are not given.
    fileprivate mutating func follow(_ other: Blueprint.Head) {
        steps = other.steps + steps
        settings.merge(other.settings) { own, _ in own }
        tensorFlowRefusals += other.tensorFlowRefusals
        tensorFlowRepeats.merge(other.tensorFlowRepeats) { own, _ in own }
    }
}

/// Reads steps; it knows the blocks that they may use.
struct StepParser {
    let blocks: OrderedDictionary<String, BlockSpecification>

    private static let commonKeys: Set = [
        "module", "tensorflow_module", "tensorflow_scope", "from", "to", "when", "optional",
    ]
    private static let groupKeys: Set = ["steps", "repeat", "count"]
    private static let blockKeys: Set = ["block", "parameter", "names", "ties"]

    func steps(_ json: JSON?) throws(AssayError) -> [Step] {
        guard let list = json?.array else { throw .unreadable("steps must be a list") }
        var steps: [Step] = []
        for (index, element) in list.enumerated() {
            do throws(AssayError) {
                steps.append(try step(element))
            } catch {
                throw error.inside("steps[\(index)]")
            }
        }
        return steps
    }

    private func step(_ json: JSON) throws(AssayError) -> Step {
        let kind: Step.Kind
        var known = StepParser.commonKeys
        if let name = json["record"]?.string {
            kind = .record(name)
            known.insert("record")
        } else if json["steps"] != nil {
            known.formUnion(StepParser.groupKeys)
            kind = try group(json)
        } else {
            let use = try blockUse(json)
            known.formUnion(StepParser.blockKeys)
            known.formUnion(use.block.dimensions)
            known.formUnion(use.block.options.keys)
            kind = .block(use)
        }
        if let unknown = json.object?.keys.first(where: { !known.contains($0) }) {
            throw .unreadable("a step has the unknown key \(unknown)", found: json.text())
        }
        return Step(
            kind: kind,
            module: try json["module"]?.string.map { (text) throws(AssayError) in
                try ModuleTemplate(
                    text, tensorFlow: json["tensorflow_module"]?.string,
                    tensorFlowScope: json["tensorflow_scope"]?.string)
            },
            operands: StepParser.names(json["from"]), results: StepParser.names(json["to"]),
            condition: try json["when"].map { (condition) throws(AssayError) in try Expression(json: condition) },
            isOptional: json["optional"]?.bool ?? false)
    }

    private static func names(_ json: JSON?) -> [String] {
        json?.string.map { [$0] } ?? json?.array?.compactMap(\.string) ?? []
    }

    private func group(_ json: JSON) throws(AssayError) -> Step.Kind {
        let inner = try steps(json["steps"])
        guard let counter = json["repeat"]?.string else { return .group(inner) }
        guard let count = json["count"] else { throw .unreadable("a repetition needs a count", found: counter) }
        return .repeated(counter: counter, count: try Expression(json: count), inner)
    }

    private func blockUse(_ json: JSON) throws(AssayError) -> BlockUse {
        guard let name = json["block"]?.string, var block = blocks[name] else {
            throw .unreadable(
                "names a block that nobody builds", expected: "one of \(blocks.keys.joined(separator: ", "))",
                found: json["block"]?.text() ?? json.text())
        }
        if let parameter = json["parameter"]?.string { try block.renameParameter(to: parameter) }
        for (parameter, names) in json["names"]?.object ?? [:] { try block.rename(parameter, names) }
        var use = BlockUse(block: block, dimensions: [:], options: [:], ties: [:])
        for dimension in block.dimensions {
            guard let value = json[dimension] else {
                throw .unreadable("the block \(name) needs \(dimension)", found: json.text())
            }
            use.dimensions[dimension] = try Expression(json: value)
        }
        for option in block.options.keys {
            if let value = json[option] { use.options[option] = try Expression(json: value) }
        }
        for (parameter, tie) in json["ties"]?.object ?? [:] {
            guard block.parameters[parameter] != nil else { throw block.hasNo(parameter) }
            use.ties[parameter] = try BlockUse.Tie(json: tie, blocks)
        }
        return use
    }
}

extension BlockUse.Tie {
    fileprivate init(
        json: JSON, _ blocks: OrderedDictionary<String, BlockSpecification>
    ) throws(AssayError) {
        guard let module = json["module"]?.string, let parameter = json["parameter"]?.string,
            let stored = json["block"]?.string.flatMap({ blocks[$0]?.parameters[parameter] })
        else { throw .unreadable("a tie needs a module, a block and a parameter of it", found: json.text()) }
        pytorch = stored.pytorch
        tensorFlow = stored.tensorFlow
        if let name = json["name"]?.string { tensorFlow.name = name }
        self.module = try ModuleTemplate(module, tensorFlowScope: json["tensorflow_scope"]?.string)
        self.parameter = parameter
        isTransposed = json["transposed"]?.bool ?? false
        condition = try json["when"].map { (condition) throws(AssayError) in try Expression(json: condition) }
    }
}

extension AssayError {
    /// The same error with its place inside `place`: `model.steps[3].steps[0]`.
    func inside(_ place: String) -> AssayError {
        var error = self
        error.location.object = location.object.map { "\(place).\($0)" } ?? place
        return error
    }
}
