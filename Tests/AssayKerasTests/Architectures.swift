// Architectures written down in tests, in the notations of Keras 2 and 3.

import AssayGraph
import AssayKeras
import AssayTensors
import AssayTestSupport

/// A layer of a Functional model.
func layer(_ className: String, _ name: String, _ config: JSON = [:], nodes: JSON = []) -> JSON {
    guard case .object(var members) = config else { return .null }
    members["trainable"] = true
    members["name"] = .string(name)
    return [
        "class_name": .string(className), "config": .object(members), "name": .string(name), "inbound_nodes": nodes,
    ]
}

/// A function of `keras.ops`, whose configuration has nothing but its own attributes.
func function(_ className: String, _ name: String, nodes: JSON) -> JSON {
    [
        "class_name": .string(className), "config": ["name": .string(name)], "name": .string(name),
        "inbound_nodes": nodes,
    ]
}

/// An input of free batch and these extents.
func input(_ name: String, _ extents: [Int], type: JSON = "float32", isModern: Bool = false) -> JSON {
    let shape = JSON.array([.null] + extents.map { .integer($0) })
    return layer("InputLayer", name, [isModern ? "batch_shape" : "batch_input_shape": shape, "dtype": type])
}

/// A Functional model in the notation that its layers have.
func functional(_ layers: [JSON], inputs: [JSON], outputs: [JSON], name: JSON = "model") -> JSON {
    [
        "class_name": "Functional",
        "config": [
            "name": name, "layers": .array(layers), "input_layers": .array(inputs), "output_layers": .array(outputs),
        ],
    ]
}

/// A tensor as Keras 3 writes it.
func tensor(_ layer: String, _ call: Int = 0, _ result: Int = 0) -> JSON {
    [
        "class_name": "__keras_tensor__",
        "config": [
            "shape": [nil, 4], "dtype": "float32", "keras_history": [.string(layer), .integer(call), .integer(result)],
        ],
    ]
}

/// Reads an architecture through a file, as every model is read.
func readModel(_ architecture: JSON) throws -> Model {
    let folder = TemporaryFolder()
    let path = try folder.write(Array(architecture.text().utf8), to: "model.json")
    return try KerasReader.read(path: path)
}
