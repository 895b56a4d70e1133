// The modules of a model without a graph, as the names of its tensors tell them.

import AssayGraph
import AssayTensors
import OrderedCollections

/// The tree of modules that the paths of parameters name, where a reader found modules in the stored names.
struct ModuleTree {
    /// One module.
    struct Module {
        let path: String
        let depth: Int
        /// Its own parameters, not those of the modules inside: `weight 24 × 24, bias 24`.
        let tensors: String
        /// The elements of its parameters and of those of the modules inside.
        let parameterCount: Int
    }

    /// All modules, parents before the modules inside them.
    let modules: [Module]

    /// Deeper modules are counted in those that enclose them: names come from files.
    private static let maximumDepth = 64

    /// The modules of a model; none where its reader knows of no modules.
    init(_ model: Model) {
        guard model.graph == nil else {
            modules = []
            return
        }
        var builder = Builder()
        for parameter in model.parameters
        where parameter.path.hasSuffix("/" + parameter.role) && parameter.sources != [parameter.path] {
            let layer = parameter.path.dropLast(parameter.role.count + 1)
            builder.add(parameter, to: layer.split(separator: "/").prefix(ModuleTree.maximumDepth))
        }
        modules = builder.modules(in: "", depth: 0)
    }

    private struct Builder {
        private var counts: [String: Int] = [:]
        private var children: [String: [String]] = [:]
        private var tensors: [String: [String]] = [:]

        mutating func add(_ parameter: Parameter, to names: ArraySlice<Substring>) {
            var path = ""
            for name in names {
                let parent = path
                path += path.isEmpty ? name : "/" + name
                if counts[path] == nil { children[parent, default: []].append(path) }
                counts[path, default: 0] += parameter.shape.count
            }
            tensors[path, default: []].append("\(parameter.role) \(parameter.shape)")
        }

        func modules(in parent: String, depth: Int) -> [Module] {
            (children[parent] ?? []).flatMap { path in
                let module = Module(
                    path: path, depth: depth, tensors: (tensors[path] ?? []).joined(separator: ", "),
                    parameterCount: counts[path] ?? 0)
                return [module] + modules(in: path, depth: depth + 1)
            }
        }
    }
}
