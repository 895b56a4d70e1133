// What the optimizer keeps, in its own order: the same list in every dialect, by name in legacy HDF5, by number in others.

import AssayGraph
import AssayTensors

/// The state of a model's optimizer.
struct OptimizerState {
    /// The name in legacy HDF5, and the stored tensor.
    let entries: [(name: String, tensor: String)]

    /// The state that `model` has by the names of its origin.
    init(_ origin: KerasOrigin, _ model: Model) {
        let names = origin.attributes["optimizer_weight_names"]?.array?.compactMap(\.string)
        if origin.isByObject {
            var entries: [(String, String)] = []
            while model.tensors["optimizer/vars/\(entries.count)"] != nil {
                let number = entries.count
                // Names that an earlier conversion from legacy HDF5 left there.
                let name = names.flatMap { $0.indices.contains(number) ? $0[number] : nil }
                entries.append((name ?? "optimizer/variable_\(number)", "optimizer/vars/\(number)"))
            }
            self.entries = entries
        } else {
            let group = "optimizer_weights/"
            let stored =
                names ?? model.tensors.keys.filter { $0.hasPrefix(group) }.map { String($0.dropFirst(group.count)) }
            entries = stored.map { ($0, group + $0) }.filter { model.tensors[$0.1] != nil }
        }
    }

    /// Adds it to a whole model in legacy HDF5.
    func addByName(to layout: inout WeightLayout) {
        guard !entries.isEmpty else { return }
        for (name, tensor) in entries { _ = layout.add("optimizer_weights/\(name)", [tensor]) }
        layout.addNames(entries.map(\.name), "weight_names", of: "optimizer_weights")
    }

    /// Adds it to weights by object, with the names that it has in legacy HDF5, for the way back.
    func addByNumber(to layout: inout WeightLayout) {
        guard !entries.isEmpty else { return }
        for (number, entry) in entries.enumerated() { _ = layout.add("optimizer/vars/\(number)", [entry.tensor]) }
        layout.addNames(entries.map(\.name), "weight_names", of: "optimizer/vars")
    }
}
