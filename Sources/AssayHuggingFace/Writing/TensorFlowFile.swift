// tf_model.h5 as `save_pretrained` of transformers' TensorFlow models writes it: Keras' legacy HDF5 of weights alone.

import AssayContainers
import AssayTensors
import OrderedCollections

/// Writing the HDF5 files of TensorFlow models of transformers.
enum TensorFlowFile {
    /// The version of Keras that files are marked with: the last one that these models run on.
    private static let kerasVersion = "2.15.0"

    /// Writes variables by their paths, `bert/tf_bert_model/bert/pooler/dense/kernel:0`, whose first parts are the groups.
    ///
    /// - Parameter groups: the groups in the order of the model's layers; one may have no variables.
    /// - Throws: `AssayError.writeFailed`, and what decoding a tensor throws.
    static func write(
        _ tensors: OrderedDictionary<String, Tensor>, groups: OrderedSet<String>, to path: String, pool: ThreadPool
    ) throws(AssayError) {
        var writer = HDF5Writer()
        let layers = groups.filter { $0 != rest }
        try writer.setNames(Array(layers), "layer_names", of: "/")
        try writer.setAttribute("backend", of: "/", to: .string("tensorflow"))
        try writer.setAttribute("keras_version", of: "/", to: .string(kerasVersion))
        var variables: OrderedDictionary<String, [String]> = [:]
        for group in layers { variables[group] = [] }
        variables[rest] = []
        for (name, tensor) in tensors {
            let group = String(name.prefix { $0 != "/" })
            variables[group, default: []].append(String(name.dropFirst(group.count + 1)))
            try writer.addDataset(name, tensor)
        }
        for (group, names) in variables { try writer.setNames(names, "weight_names", of: group) }
        try writer.write(to: path, pool: pool)
    }

    /// Where Keras puts variables of the model that no layer has; there are none, and the group is there.
    private static let rest = "top_level_model_weights"
}
