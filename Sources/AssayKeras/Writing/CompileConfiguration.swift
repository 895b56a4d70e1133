// How a model was compiled, in the notation of legacy HDF5 (`training_config`) and in that of archives (`compile_config`):
// archives name the module of every object, and the optimizer stands among the rest.

import AssayTensors
import OrderedCollections

/// Turns one notation into the other.
enum CompileConfiguration {
    /// Where Keras finds the objects that legacy HDF5 names by class alone.
    private static let modules = [
        "loss": "keras.losses", "metrics": "keras.metrics", "weighted_metrics": "keras.metrics",
    ]

    /// A training configuration as a compile configuration.
    static func archived(_ training: OrderedDictionary<String, JSON>) -> JSON {
        var compile: OrderedDictionary<String, JSON> = [:]
        if let optimizer = training["optimizer_config"] {
            compile["optimizer"] = withModule("keras.optimizers", optimizer)
        }
        for (key, value) in training where key != "optimizer_config" && key != "sample_weight_mode" {
            compile[key] = modules[key].map { withModule($0, value) } ?? value
        }
        return .object(compile)
    }

    /// A compile configuration as a training configuration; nil where no optimizer is in it.
    static func legacy(_ compile: JSON) -> JSON? {
        guard var training = compile.object, let optimizer = training.removeValue(forKey: "optimizer"),
            optimizer.object != nil
        else { return nil }
        training = training.mapValues(withoutModule)
        training["optimizer_config"] = withoutModule(optimizer)
        return .object(training)
    }

    /// Objects that do not say where their class is, with its module.
    private static func withModule(_ module: String, _ value: JSON) -> JSON {
        switch value {
        case .array(let values): return .array(values.map { withModule(module, $0) })
        case .object(let members):
            guard let name = members["class_name"]?.string else {
                return .object(members.mapValues { withModule(module, $0) })
            }
            guard members["module"] == nil else { return value }
            var object: OrderedDictionary<String, JSON> = ["module": .string(module)]
            // `Custom>Adam`: the package under which a class is registered.
            object["class_name"] = .string(name.split(separator: ">").last.map(String.init) ?? name)
            object["config"] = members["config"] ?? [:]
            object["registered_name"] = name.contains(">") ? .string(name) : .null
            return .object(object)
        default: return value
        }
    }

    /// The inverse, for classes of Keras itself.
    private static func withoutModule(_ value: JSON) -> JSON {
        switch value {
        case .array(let values): return .array(values.map(withoutModule))
        case .object(let members):
            guard let name = members["class_name"] else { return .object(members.mapValues(withoutModule)) }
            guard members["module"]?.string?.hasPrefix("keras.") ?? false else { return value }
            let registered = members["registered_name"]?.string.map { JSON.string($0) }
            return ["class_name": registered ?? name, "config": members["config"] ?? [:]]
        default: return value
        }
    }
}
