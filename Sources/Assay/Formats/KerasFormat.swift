// Keras: every dialect that it reads. The dialects that are written stand beside it as formats of their own.

import AssayContainers
import AssayKeras

extension Format {
    /// All that Keras writes.
    static let keras = Format(
        name: "keras", title: "Keras (.h5, .keras, .weights.h5, model.json)",
        recognises: { probe in HDF5File.isHDF5(probe.bytes) || probe.isJSON || isArchive(probe) },
        read: { (probe, graphFrom) throws(AssayError) in
            try KerasReader.read(path: probe.path, graphFrom: graphFrom)
        })

    /// Whether it is a zip archive with the configuration of a model in it.
    private static func isArchive(_ probe: FileProbe) -> Bool {
        guard probe.isZip, let archive = try? ZipArchive(bytes: probe.bytes) else { return false }
        return archive.members["config.json"] != nil
    }
}
