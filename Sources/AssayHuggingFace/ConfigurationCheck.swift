// Whether the tensors of a checkpoint have the dimensions that its configuration says: for every architecture, by the names
// that all of them share. Each contradiction has both witnesses.

import AssayArchitectures
import AssayGraph
import AssayTensors
import OrderedCollections

/// Compares a configuration with the tensors beside it.
struct ConfigurationCheck {
    private let configuration: HuggingFaceConfiguration
    private let parameters: [Parameter]
    private let names: [StoredName]
    private var defects: [Defect] = []

    /// The contradictions between a configuration and tensors, whose meanings stand in the same order.
    static func defects(
        of configuration: HuggingFaceConfiguration, _ parameters: [Parameter], _ names: [StoredName]
    ) -> [Defect] {
        var check = ConfigurationCheck(configuration: configuration, parameters: parameters, names: names)
        for scope in configuration.scopes {
            check.checkHeads(scope)
            // Without tensors there is nothing to compare with.
            guard !parameters.isEmpty else { continue }
            check.checkTables(scope)
            check.checkBlocks(scope)
        }
        check.checkLoneBiases()
        return check.defects
    }

    private init(configuration: HuggingFaceConfiguration, parameters: [Parameter], names: [StoredName]) {
        self.configuration = configuration
        self.parameters = parameters
        self.names = names
    }

    private mutating func add(
        _ message: String, expected: String, found: String, layer: String, witnesses: [String]
    ) {
        defects.append(
            Defect(
                layer: layer, error: .unreadable(message, expected: expected, found: found, object: layer),
                witnesses: witnesses))
    }

    // MARK: Heads

    /// The width must be shared out evenly among the heads, unless the heads have a width of their own.
    private mutating func checkHeads(_ scope: ConfigurationScope) {
        guard scope.first(ConfigurationDimension.headWidth.keys) == nil,
            let width = scope.first(ConfigurationDimension.width.keys)
        else { return }
        for key in ConfigurationDimension.heads.keys where key != "num_key_value_heads" {
            guard let heads = scope.first([key]), width.value % heads.value != 0 else { continue }
            add(
                "the width cannot be shared out among the heads", expected: "a multiple of \(heads.value)",
                found: "\(width.value)", layer: scope.module,
                witnesses: ["config.json: \(width.key) = \(width.value)", "config.json: \(heads.key) = \(heads.value)"])
        }
    }

    // MARK: Tables

    /// A table of vectors: the modules that it can be, and the keys that say how many vectors and how wide.
    private struct Table {
        let modules: Set<String>
        let count: [String]
        let width: [String]
    }

    private static let embeddingWidth =
        ["embedding_size", "word_embed_proj_dim"] + ConfigurationDimension.width.keys
    private static let tables = [
        Table(
            modules: [
                "word_embeddings", "word_embedding", "token_embedding", "wte", "shared", "embed_tokens", "embed_in",
            ],
            count: ConfigurationDimension.vocabulary.keys, width: embeddingWidth),
        Table(
            modules: ["position_embeddings", "position_embedding", "wpe"],
            count: ConfigurationDimension.positions.keys, width: []),
        Table(modules: ["token_type_embeddings"], count: ["type_vocab_size"], width: embeddingWidth),
    ]

    private mutating func checkTables(_ scope: ConfigurationScope) {
        for (parameter, name) in zip(parameters, names) where parameter.shape.rank == 2 && isIn(scope, name) {
            guard let module = name.modules.last,
                let table = ConfigurationCheck.tables.first(where: { $0.modules.contains(module) })
            else { continue }
            compare(parameter, axis: 0, with: scope.first(table.count))
            compare(parameter, axis: 1, with: scope.first(table.width))
        }
    }

    private mutating func compare(_ parameter: Parameter, axis: Int, with said: (key: String, value: Int)?) {
        guard let said, parameter.shape[axis] != said.value else { return }
        add(
            "the tensor is not what the configuration says", expected: "\(said.key) \(said.value) on axis \(axis)",
            found: "\(parameter.shape)", layer: parameter.path,
            witnesses: [
                "config.json: \(said.key) = \(said.value)",
                "\(parameter.sources.first ?? parameter.path): axis \(axis) = \(parameter.shape[axis])",
            ])
    }

    /// Whether a tensor belongs to the part of the model that a configuration is about.
    private func isIn(_ scope: ConfigurationScope, _ name: StoredName) -> Bool {
        scope.module.isEmpty || name.modules.contains(scope.module)
    }

    // MARK: Blocks

    private static let blockModules: Set<String> = ["layer", "layers", "h", "block", "blocks"]

    /// Blocks are numbered from 0 without a gap, and there are as many as the configuration says.
    private mutating func checkBlocks(_ scope: ConfigurationScope) {
        var numbers: OrderedDictionary<[String], Set<Int>> = [:]
        for name in names where isIn(scope, name) {
            guard let place = name.modules.firstIndex(where: { Int($0) != nil }), place > 0,
                let number = Int(name.modules[place]),
                ConfigurationCheck.blockModules.contains(name.modules[place - 1])
            else { continue }
            numbers[Array(name.modules[..<place]), default: []].insert(number)
        }
        for (modules, found) in numbers {
            let isDecoder = modules.contains("decoder")
            let keys = isDecoder ? ["decoder_layers", "num_decoder_layers"] : ["encoder_layers"]
            guard let said = scope.first(keys + ConfigurationDimension.layers.keys) else { continue }
            let layer = modules.joined(separator: "/")
            let missing = (0..<said.value).first { !found.contains($0) }
            let extra = found.filter { $0 >= said.value }.min()
            guard let wrong = missing ?? extra else { continue }
            add(
                missing != nil ? "a block is missing" : "a block that the configuration does not have",
                expected: "\(said.value) blocks", found: "\(found.count)", layer: "\(layer)/\(wrong)",
                witnesses: ["config.json: \(said.key) = \(said.value)", "\(layer): \(found.count) blocks have tensors"])
        }
    }

    // MARK: Biases

    /// A module with a bias has a weight, unless it is a head over the vocabulary, whose weight is the embedding's.
    private mutating func checkLoneBiases() {
        let roles = Dictionary(grouping: names, by: \.layer).mapValues { Set($0.map(\.role)) }
        var parents: Set<String> = []
        for name in names {
            for end in name.modules.indices { parents.insert(name.modules[..<end].joined(separator: "/")) }
        }
        let vocabulary = configuration.scopes.first?.first(ConfigurationDimension.vocabulary.keys)?.value
        for (parameter, name) in zip(parameters, names)
        where name.role == "bias" && roles[name.layer]?.count == 1 && !parents.contains(name.layer) {
            guard !name.modules.isEmpty, parameter.shape.extents != vocabulary.map({ [$0] }) else { continue }
            add(
                "a tensor is missing", expected: "a weight beside the bias", found: "a bias alone", layer: name.layer,
                witnesses: [parameter.sources.first ?? parameter.path])
        }
    }
}
