// Keras: one format reads every dialect; each kind of file that is written is a format of its own.

import AssayContainers
import AssayKeras

extension Format {
    /// All that Keras writes; written as the archive.
    static let keras = Format(
        name: "keras", title: "Keras (.h5, .keras, .weights.h5, model.json)", suffixes: [".keras"],
        recognises: { probe in HDF5File.isHDF5(probe.bytes) || probe.isJSON || isArchive(probe) },
        read: { (probe, graphFrom) throws(AssayError) in
            try KerasReader.read(path: probe.path, graphFrom: graphFrom)
        },
        mapping: mapping(.archive), write: writing(.archive))

    /// A whole model in legacy HDF5.
    static let kerasHDF5 = keras(.wholeHDF5, title: "legacy Keras HDF5", suffixes: [".h5", ".hdf5"])
    /// Weights alone, by object.
    static let kerasWeights = keras(.objectWeights, title: "Keras weights", suffixes: [".weights.h5"])
    /// Weights alone, by layer and name.
    static let kerasLegacyWeights = keras(.legacyWeights, title: "legacy Keras weights", suffixes: [])
    /// The architecture alone.
    static let kerasArchitecture = keras(.architecture, title: "Keras architecture", suffixes: [".json"])

    private static func keras(_ target: KerasTarget, title: String, suffixes: [String]) -> Format {
        Format(
            name: target.rawValue, title: title, suffixes: suffixes, mapping: mapping(target), write: writing(target))
    }

    private static func mapping(
        _ target: KerasTarget
    ) -> @Sendable (Model) throws(AssayError) -> [TensorMapping] {
        { (model) throws(AssayError) in
            try KerasWriter(model, as: target).entries.map {
                TensorMapping(target: $0.name, sources: $0.sources, view: $0.view)
            }
        }
    }

    private static func writing(
        _ target: KerasTarget
    ) -> @Sendable (Model, String, WriteOptions) throws(AssayError) -> Void {
        { (model, path, options) throws(AssayError) in
            try KerasWriter(model, as: target).write(to: path, pool: options.pool)
        }
    }

    /// Whether it is a zip archive with the configuration of a model in it.
    private static func isArchive(_ probe: FileProbe) -> Bool {
        guard probe.isZip, let archive = try? ZipArchive(bytes: probe.bytes) else { return false }
        return archive.members["config.json"] != nil
    }
}
