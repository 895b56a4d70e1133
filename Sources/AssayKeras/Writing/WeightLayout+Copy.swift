// Layouts that repeat what a source had: the same kind of file again, and tensors that another kind has no place for.

import AssayContainers
import AssayGraph
import AssayTensors

extension WeightLayout {
    /// The group that keeps what a kind of file has no place for, under the source's dialect and name. Keras ignores it.
    private static let keptGroup = "assay"

    /// The source's own HDF5 file: every tensor, group and attribute under its name.
    ///
    /// - Throws: `AssayError.writeFailed` for an attribute whose type is not written.
    init(copying model: Model, _ origin: KerasOrigin, _ stored: HDF5Attributes) throws(AssayError) {
        for name in model.tensors.keys { _ = add(name, [name]) }
        for (path, attributes) in stored.objects {
            if model.tensors[path] == nil { addGroup(path) }
            for (name, json) in attributes.object ?? [:] {
                do throws(AssayError) {
                    let text = path.isEmpty ? origin.attributes[name]?.text(separator: " ") : nil
                    try addValue(HDF5Attributes.value(json, keptElsewhere: text), name, of: path)
                } catch {
                    throw error.located(object: "\(path)@\(name)")
                }
            }
        }
    }

    /// Keeps every tensor of the source that has no place here, and puts those in their place that an earlier conversion
    /// from `dialect` kept.
    mutating func addRest(of model: Model, _ origin: KerasOrigin, for dialect: KerasDialect) {
        let own = "\(WeightLayout.keptGroup)/\(dialect.rawValue)/"
        for name in model.tensors.keys where !holds(name) {
            if name.hasPrefix(own), !hasDataset(String(name.dropFirst(own.count))) {
                _ = add(String(name.dropFirst(own.count)), [name])
            } else if name.hasPrefix("\(WeightLayout.keptGroup)/") {
                _ = add(name, [name])
            } else {
                _ = add("\(WeightLayout.keptGroup)/\(origin.dialect?.rawValue ?? "tensors")/\(name)", [name])
            }
        }
    }
}
