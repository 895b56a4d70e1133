// The modules of classes, which archives name and legacy HDF5 of Keras 3 leaves out.

import AssayTensors
import OrderedCollections

/// Adds to a configuration the modules in which Keras finds the classes that it names.
struct KerasModules {
    private let generation: KerasGeneration

    init(_ generation: KerasGeneration) { self.generation = generation }

    /// The keys under which wrappers hold the configuration of a layer inside.
    private static let inner = ["layer", "backward_layer", "cell", "cells"]

    /// The entry of a model or layer with its module, and those of the entries inside.
    func added(to entry: JSON) -> JSON {
        guard var members = entry.object, let className = members["class_name"]?.string else { return entry }
        if var values = members["config"]?.object {
            if let layers = values["layers"]?.array { values["layers"] = .array(layers.map(added)) }
            for key in KerasModules.inner {
                guard let value = values[key] else { continue }
                values[key] = value.array.map { .array($0.map(added)) } ?? added(to: value)
            }
            members["config"] = .object(values)
        }
        guard members["module"] == nil else { return .object(members) }
        let (module, registeredName) = place(of: className, members["config"])
        members["module"] = .string(module)
        members["registered_name"] = JSON(registeredName)
        return .object(members)
    }

    private func place(of className: String, _ values: JSON?) -> (module: String, registeredName: String?) {
        switch className {
        case "Sequential": return ("keras", nil)
        case "Functional", "Model":
            return (generation == .keras3 ? "keras.src.models.functional" : "keras.src.engine.functional", className)
        case "GroupedQueryAttention":
            // Legacy HDF5 has the class's own name, and keras.layers another one.
            return ("keras.src.layers.attention.grouped_query_attention", className)
        default:
            // What training cannot freeze is no layer but a function of keras.ops.
            guard generation == .keras3, values?["trainable"] == nil, className != "InputLayer" else {
                return ("keras.layers", nil)
            }
            return ("keras.src.ops.numpy", className)
        }
    }
}
