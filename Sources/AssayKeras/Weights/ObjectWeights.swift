// Weights by object, as `.weights.h5` and `.keras` have them: a group an object, named by class and count or by attribute,
// with its own weights under `vars` by number.

import AssayContainers
import AssayGraph
import AssayTensors

/// The weights of a `.weights.h5` file, or of the shards of one.
struct ObjectWeights: WeightBinding {
    private let root: ObjectGroup

    /// How the group that holds a model's layers is named: by TensorFlow 2.12, and since.
    private static let lists = ["_layer_checkpoint_dependencies", "layers"]

    /// Classes that configurations call otherwise than Python does; groups are named by the latter.
    private static let ownNames = ["GroupQueryAttention": "GroupedQueryAttention"]

    init(_ root: ObjectGroup) { self.root = root }

    /// Whether a file's root is such a tree.
    static func recognises(_ root: ObjectGroup) -> Bool { (lists + ["vars"]).contains(where: root.containsGroup) }

    func bind(_ assembly: GraphAssembly) throws(AssayError) { try bind(assembly.root, to: root, assembly) }

    private func bind(_ scope: WeightScope, to group: ObjectGroup, _ assembly: GraphAssembly) throws(AssayError) {
        if scope.isOpen { return try attach(scope, group, assembly) }
        if !scope.variables.isEmpty {
            do throws(AssayError) {
                try bindVariables(of: scope, group, assembly)
            } catch {
                throw error.located(object: group.path)
            }
        }
        for (child, names) in ObjectWeights.places(in: scope, group) {
            guard child.hasWeights else { continue }
            guard let found = names.first(where: group.contains) else {
                if child.allVariables.isEmpty { continue }
                throw .unreadable(
                    "has no weights for \(child.name)",
                    object: group.path == "/" ? names.first : "\(group.path)/\(names.first ?? "")")
            }
            try bind(child, to: group.group(found), assembly)
        }
    }

    /// Own weights: what training moves first, by number.
    private func bindVariables(
        of scope: WeightScope, _ group: ObjectGroup, _ assembly: GraphAssembly
    ) throws(AssayError) {
        let variables = scope.variables.filter(\.isTrainable) + scope.variables.filter { !$0.isTrainable }
        let stored = try group.group("vars")
        guard stored.memberNames.count == variables.count else {
            throw .unreadable(
                "wrong number of weights for \(scope.name)", expected: "\(variables.count)",
                found: "\(stored.memberNames.count)")
        }
        for (number, variable) in variables.enumerated() {
            let dataset = try stored.dataset("\(number)")
            try assembly.bind(variable, to: dataset.tensor(), named: dataset.storedName)
        }
    }

    private func attach(_ scope: WeightScope, _ group: ObjectGroup, _ assembly: GraphAssembly) throws(AssayError) {
        try group.forEachDataset { (dataset) throws(AssayError) in
            guard dataset.elementType != nil, dataset.extents != nil else { return }
            let role = String(dataset.path.dropFirst(group.path.count + 1))
            assembly.attach(try dataset.tensor(), named: dataset.storedName, role: role, to: scope)
        }
    }

    // MARK: Names

    /// The objects inside with the paths under which they may be stored.
    private static func places(in scope: WeightScope, _ group: ObjectGroup) -> [(WeightScope, [String])] {
        let list = lists.first(where: group.contains) ?? "layers"
        // TensorFlow 2.12 counts a layer with weights twice; its successor does not.
        let countings = [1, 2].map { names(of: scope, in: list, step: $0) }
        let fits = countings.first { names in
            zip(scope.children, names).allSatisfy { child, name in !child.hasWeights || group.contains(name) }
        }
        return zip(scope.children, fits ?? countings[0]).map { child, name in
            // Keras 2 keeps some parts in attributes with an underscore.
            if case .part(let attribute) = child.place {
                (child, [attribute, "_\(attribute)"])
            } else {
                (child, [name])
            }
        }
    }

    /// The names of the layers of a model: the class and a count, which goes on by `step` at a layer with weights.
    static func names(of scope: WeightScope, in list: String, step: Int) -> [String] {
        var counts: [String: Int] = [:]
        return scope.children.map { child in
            guard case .layer(_, let className) = child.place else { return child.name }
            let name = WeightScope.snakeCase(ownNames[className] ?? className)
            let count = counts[name, default: 0]
            counts[name] = count + (child.hasWeights ? step : 1)
            return count == 0 ? "\(list)/\(name)" : "\(list)/\(name)_\(count)"
        }
    }
}

extension WeightScope {
    /// Whether it or an object inside has weights.
    fileprivate var hasWeights: Bool { !allVariables.isEmpty || hasOpenPart }
}
