// tf_model.h5, whole and in shards.

import AssayContainers
import AssayTensors

/// Reading the HDF5 files of TensorFlow models of transformers.
enum TensorFlowWeights {
    /// All datasets of a file, by their paths, and the names of its Keras layers, some of which have no weights.
    ///
    /// - Throws: `AssayError.unreadable` when it is no HDF5 file, damaged, or holds none.
    static func read(_ path: String) throws(AssayError) -> (content: NamedTensors, layerNames: [String]) {
        var content = NamedTensors()
        let root = try HDF5File.open(path: path).root
        try root.forEachDataset { (dataset) throws(AssayError) in
            guard dataset.elementType != nil, dataset.extents != nil else { return }
            content.tensors[String(dataset.path.dropFirst())] = try dataset.tensor()
        }
        guard !content.tensors.isEmpty else { throw .unreadable("holds no weights", file: path) }
        return (content, root.attributes["layer_names"]?.strings ?? [])
    }

    /// The shards of an index. They have another layout than a whole file: a dataset's path is the variable's name without
    /// the model's instance (`bert/pooler/dense/kernel:0`), while the index has it (`tf_bert_model/bert/…`).
    ///
    /// - Throws: `AssayError.unreadable` when a shard is missing, damaged, or disagrees with the index.
    static func read(index path: String) throws(AssayError) -> NamedTensors {
        try ShardIndex(path: path, suffix: ".h5").read { (shard, names) throws(AssayError) in
            let stored = try read(shard).content
            var byPath: [String: String] = [:]
            for name in names {
                byPath[name] = name
                if let slash = name.firstIndex(of: "/") { byPath[String(name[name.index(after: slash)...])] = name }
            }
            var content = NamedTensors()
            for (name, tensor) in stored.tensors { content.tensors[byPath[name] ?? name] = tensor }
            return content
        }
    }
}
