// Weights by layer and name, as legacy HDF5 has them.

import AssayGraph
import AssayTensors
import OrderedCollections

/// Lays out weights by layer and name. Names that the source has in this form stay.
struct LegacyLayout {
    private let origin: KerasOrigin
    private let model: Model
    private let parameters: [String: Parameter]
    private let assembly: GraphAssembly
    /// How the paths of layers begin in the new file.
    private let prefix: String
    private var layout = WeightLayout()

    init(_ origin: KerasOrigin, _ model: Model, _ assembly: GraphAssembly, prefix: String) {
        self.origin = origin
        self.model = model
        self.assembly = assembly
        self.prefix = prefix
        parameters = Dictionary(model.parameters.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The layout of the whole file.
    ///
    /// - Throws: `AssayError.usage` when a weight's name in this form is not known.
    mutating func make() throws(AssayError) -> WeightLayout {
        let scopes = Dictionary(assembly.root.children.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let named = origin.layerNames
        let layers = named + scopes.keys.filter { !named.contains($0) }.sorted()
        let group = prefix.isEmpty ? "/" : String(prefix.dropLast())
        layout.addNames(layers, "layer_names", of: group)
        layout.addText(origin.attributes["backend"]?.string ?? "tensorflow", "backend", of: group)
        layout.addText(origin.version, "keras_version", of: group)
        for name in layers {
            let weights = try scopes[name].map { (scope) throws(AssayError) in try addWeights(of: scope) } ?? []
            layout.addNames(weights, "weight_names", of: prefix + name)
        }
        layout.addNames([], "weight_names", of: prefix + "top_level_model_weights")
        if !prefix.isEmpty { OptimizerState(origin, model).addByName(to: &layout) }
        return layout
    }

    /// Adds the weights of one layer, those that training moves first; gives their names in its group.
    private mutating func addWeights(of scope: WeightScope) throws(AssayError) -> [String] {
        let group = prefix + scope.name + "/"
        var names: [String] = []
        // A wrapper and the layer inside may own the same variable, which Keras writes once.
        var written: Set<String> = []
        let variables = paths(of: scope, enclosing: "")
        for (path, variable, _) in variables.filter(\.isTrainable) + variables.filter({ !$0.isTrainable }) {
            let declared = assembly.builder.parameters[variable.parameter.index].path
            guard written.insert(declared).inserted else { continue }
            guard let parameter = parameters[declared], !parameter.sources.isEmpty else {
                throw .unreadable("has no weight \(declared)", file: model.provenance.path)
            }
            if let stored = storedNames(parameter, in: scope) {
                for (source, name) in stored where !layout.holds(source) {
                    names.append(name)
                    _ = layout.add(group + name, [source])
                }
            } else {
                let name = path + (origin.generation == .keras3 ? "" : ":0")
                names.append(String(layout.add(group + name, parameter.sources, parameter.view).dropFirst(group.count)))
            }
        }
        if scope.hasOpenPart { names += try addUnknownWeights(of: scope, group) }
        return names
    }

    /// The variables of a layer with the names of the objects that hold them.
    private func paths(
        of scope: WeightScope, enclosing: String
    ) -> [(path: String, variable: WeightScope.Variable, isTrainable: Bool)] {
        let base = enclosing + scope.name + "/"
        return scope.variables.map { (base + $0.role, $0, $0.isTrainable && scope.isTrainable) }
            + scope.children.flatMap { paths(of: $0, enclosing: base) }
    }

    /// The stored tensors of a weight of this layer with their names in it, where the source has names in this form: they
    /// are written as they are.
    private func storedNames(_ parameter: Parameter, in scope: WeightScope) -> [(source: String, name: String)]? {
        guard let legacyPrefix = origin.legacyPrefix else { return nil }
        let group = legacyPrefix + scope.name + "/"
        guard parameter.sources.allSatisfy({ $0.hasPrefix(group) }) else { return nil }
        return parameter.sources.map { ($0, String($0.dropFirst(group.count))) }
    }

    /// The weights of a layer of which nothing is known: what the source has under its name.
    private mutating func addUnknownWeights(
        of scope: WeightScope, _ group: String
    ) throws(AssayError) -> [String] {
        guard let legacyPrefix = origin.legacyPrefix else {
            guard assembly.hasWeights(scope, in: model) else { return [] }
            throw .usage(
                "the names of the weights of \(scope.name), a layer that is not known, cannot be told in this form")
        }
        let base = legacyPrefix + scope.name + "/"
        return model.tensors.keys.filter { $0.hasPrefix(base) && !layout.holds($0) }.map { source in
            String(layout.add(group + source.dropFirst(base.count), [source]).dropFirst(group.count))
        }
    }
}
