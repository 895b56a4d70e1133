// Weights by object, as `.weights.h5` and `.keras` have them.

import AssayGraph
import AssayTensors
import OrderedCollections

/// Lays out weights by object. Names that the source has in this form stay.
struct ObjectLayout {
    private let origin: KerasOrigin
    private let model: Model
    private let parameters: [String: Parameter]
    private let assembly: GraphAssembly
    private var layout = WeightLayout()

    init(_ origin: KerasOrigin, _ model: Model, _ assembly: GraphAssembly) {
        self.origin = origin
        self.model = model
        self.assembly = assembly
        parameters = Dictionary(model.parameters.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The layout of the whole file.
    ///
    /// - Throws: `AssayError.usage` when a weight's place in this form is not known.
    mutating func make() throws(AssayError) -> WeightLayout {
        try add(assembly.root, at: "")
        if origin.isByObject {
            for name in model.tensors.keys where !layout.holds(name) { _ = layout.add(name, [name]) }
        } else {
            OptimizerState(origin, model).addByNumber(to: &layout)
        }
        return layout
    }

    /// Adds an object's own weights, those that training moves first, and the objects inside.
    private mutating func add(_ scope: WeightScope, at path: String) throws(AssayError) {
        guard !scope.isOpen else {
            guard !origin.isByObject, assembly.hasWeights(scope, in: model) else { return }
            throw .usage(
                "the places of the weights of \(scope.name), a layer that is not known, cannot be told in this form")
        }
        let ordered = scope.variables.filter(\.isTrainable) + scope.variables.filter { !$0.isTrainable }
        let stored = try ordered.map { (variable) throws(AssayError) in try parameter(of: variable) }
        let path = storedPath(stored) ?? path
        // Keras 2 looks for the group even where it is empty.
        layout.addGroup("\(path)vars")
        for (number, parameter) in stored.enumerated() {
            if origin.isByObject {
                // A layer that is reached by two ways is stored where it is reached first.
                for source in parameter.sources where !layout.holds(source) { _ = layout.add(source, [source]) }
            } else {
                _ = layout.add("\(path)vars/\(number)", parameter.sources, parameter.view)
            }
        }
        for (child, name) in zip(scope.children, ObjectWeights.names(of: scope, in: "layers", step: 1)) {
            try add(child, at: "\(path)\(attribute(of: child, in: scope) ?? name)/")
        }
    }

    private func parameter(of variable: WeightScope.Variable) throws(AssayError) -> Parameter {
        let declared = assembly.builder.parameters[variable.parameter.index].path
        guard let parameter = parameters[declared], !parameter.sources.isEmpty else {
            throw .unreadable("has no weight \(declared)", file: model.provenance.path)
        }
        return parameter
    }

    /// Where the source has an object with these weights, with a slash behind.
    private func storedPath(_ parameters: [Parameter]) -> String? {
        guard origin.isByObject, let source = parameters.first?.sources.first else { return nil }
        let parts = source.split(separator: "/")
        guard parts.count > 2, parts[parts.count - 2] == "vars" else { return nil }
        return parts.dropLast(2).joined(separator: "/") + "/"
    }

    /// The attribute that holds a part; nil for a layer of a model. Keras 2 begins projections with an underscore, Keras 3
    /// those of grouped attention and the gate.
    private func attribute(of scope: WeightScope, in parent: WeightScope) -> String? {
        guard case .part(let attribute) = scope.place else { return nil }
        var isGrouped = false
        if case .layer(_, let name) = parent.place {
            isGrouped = ["GroupQueryAttention", "GroupedQueryAttention"].contains(name)
        }
        let isPrivate = origin.generation == .keras2 || isGrouped || attribute == "gate_dense"
        return isPrivate && attribute.hasSuffix("_dense") ? "_\(attribute)" : attribute
    }
}
