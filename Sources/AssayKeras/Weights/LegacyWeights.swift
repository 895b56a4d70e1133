// Weights by layer and name, as legacy HDF5 has them: a group a layer, whose attribute lists its weights in Keras's order.

import AssayContainers
import AssayGraph
import AssayTensors

/// The weights of a legacy HDF5 file: `model_weights`, or the root of a file that holds weights alone.
struct LegacyWeights: WeightBinding {
    private let group: HDF5Group
    private let isTheano: Bool

    /// The layers whose kernels Theano, whose convolution is a true one, stores turned round.
    private static let turnedClasses: Set<String> = ["Conv1D", "Conv2D", "Conv2DTranspose", "Conv3D", "ConvLSTM2D"]

    init(_ group: HDF5Group) {
        self.group = group
        isTheano = group.attributes["backend"]?.string == "theano"
    }

    /// A list of names that an attribute holds, whole or split (`layer_names0`, `layer_names1`, …); nil without one.
    static func names(_ attribute: String, of group: HDF5Group) -> [String]? {
        let attributes = group.attributes
        if let names = attributes[attribute]?.strings { return names }
        var names: [String] = []
        var number = 0
        while let part = attributes["\(attribute)\(number)"]?.strings {
            names += part
            number += 1
        }
        return number == 0 ? nil : names
    }

    func bind(_ assembly: GraphAssembly) throws(AssayError) {
        for (scope, layer) in try pairs(of: assembly.root) {
            do throws(AssayError) {
                try bind(scope, to: layer, assembly)
            } catch {
                throw error.located(object: layer.path)
            }
        }
    }

    // MARK: Layers

    /// Every layer that has weights with its group: by name, or, where names differ, in order, as Keras does.
    private func pairs(of root: WeightScope) throws(AssayError) -> [(WeightScope, HDF5Group)] {
        guard let names = LegacyWeights.names("layer_names", of: group) else {
            throw .unreadable("has no attribute layer_names", object: group.path)
        }
        let scopes = root.children.filter { !$0.allVariables.isEmpty || $0.hasOpenPart }
        var groups: [String: HDF5Group] = [:]
        var weighted: [HDF5Group] = []
        for name in names {
            let layer = try group.group(name)
            groups[name] = layer
            guard let weights = LegacyWeights.names("weight_names", of: layer) else {
                throw .unreadable("has no attribute weight_names", object: layer.path)
            }
            if !weights.isEmpty { weighted.append(layer) }
        }
        if scopes.allSatisfy({ groups[$0.name] != nil || $0.hasOpenPart }) {
            let known = Set(root.children.map(\.name))
            if let extra = weighted.first(where: { !known.contains($0.name) && !known.contains(layerName($0)) }) {
                throw .unreadable("weights of a layer that the model does not have", object: extra.path)
            }
            return scopes.compactMap { scope in groups[scope.name].map { (scope, $0) } }
        }
        let strict = scopes.filter { !$0.allVariables.isEmpty }
        guard strict.count == weighted.count else {
            throw .unreadable(
                "wrong number of layers with weights", expected: "\(strict.count)", found: "\(weighted.count)",
                object: group.path)
        }
        return Array(zip(strict, weighted))
    }

    /// A layer's name may have slashes, which make groups of it.
    private func layerName(_ layer: HDF5Group) -> String {
        String(layer.path.dropFirst(group.path == "/" ? 1 : group.path.count + 1))
    }

    // MARK: Weights

    private func bind(_ scope: WeightScope, to layer: HDF5Group, _ assembly: GraphAssembly) throws(AssayError) {
        var datasets: [(name: String, dataset: HDF5Dataset)] = []
        for name in LegacyWeights.names("weight_names", of: layer) ?? [] {
            datasets.append((name, try layer.dataset(name)))
        }
        if scope.hasOpenPart {
            // Where nothing else is known of a layer, all that the file has for it goes to the layer as a whole.
            if scope.allVariables.isEmpty { scope.isOpen = true }
            try attachOpenParts(of: scope, &datasets, isWhole: scope.isOpen, assembly)
        }
        let variables = scope.allVariables
        // Keras writes what training moves first.
        let ordered = variables.filter(\.isTrainable) + variables.filter { !$0.isTrainable }
        guard ordered.count == datasets.count else {
            throw .unreadable(
                "wrong number of weights for layer \(scope.name)", expected: "\(ordered.count)",
                found: "\(datasets.count)")
        }
        for (variable, entry) in zip(ordered, datasets) {
            let tensor = try entry.dataset.tensor()
            let parameter = assembly.builder.parameters[variable.variable.parameter.index]
            let className = assembly.builder.graph[parameter.layer].className
            assembly.bind(
                variable.variable, to: tensor, named: entry.dataset.storedName,
                view: view(of: tensor, role: parameter.role, in: className))
        }
    }

    /// How a stored tensor becomes the weight: Theano turned the kernels of its convolutions round.
    private func view(of tensor: Tensor, role: String, in className: String) -> View {
        guard isTheano, LegacyWeights.turnedClasses.contains(className), role.hasSuffix("kernel") else {
            return .stored(0)
        }
        return (0..<max(0, tensor.shape.rank - 2)).reduce(.stored(0)) { .reversed($0, axis: $1) }
    }

    /// Gives each object whose weights are not known those that bear its name.
    private func attachOpenParts(
        of scope: WeightScope, _ datasets: inout [(name: String, dataset: HDF5Dataset)], isWhole: Bool,
        _ assembly: GraphAssembly
    ) throws(AssayError) {
        if scope.isOpen {
            let mine = datasets.filter { isWhole || $0.name.split(separator: "/").contains(scope.name[...]) }
            datasets.removeAll { entry in mine.contains { $0.name == entry.name } }
            for entry in mine {
                var role = entry.name.hasSuffix(":0") ? String(entry.name.dropLast(2)) : entry.name
                if role.hasPrefix(scope.name + "/") { role = String(role.dropFirst(scope.name.count + 1)) }
                assembly.attach(try entry.dataset.tensor(), named: entry.dataset.storedName, role: role, to: scope)
            }
        }
        for child in scope.children { try attachOpenParts(of: child, &datasets, isWhole: false, assembly) }
    }
}
