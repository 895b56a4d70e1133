// The Keras cases of the collection.

import AssayTensors
import AssayTestSupport
import Glibc

/// One case of the collection.
struct KerasCase {
    struct File {
        var path: String
        var dialect: String
        var graphFrom: String?
    }

    var name: String
    var folder: String
    var files: [File]
    var opaque: [String]
    var expect: String
    var tolerance: (absolute: Double, relative: Double)

    /// The cases whose names begin with one of `families`, with the files that are there.
    static func all(families: [String], in folder: String? = Fixtures.collection) throws -> [KerasCase] {
        guard let collection = folder else { return [] }
        var cases: [KerasCase] = []
        for name in names(in: collection) where families.contains(where: { name.hasPrefix($0) }) {
            let folder = "\(collection)/\(name)"
            let json = try Fixtures.json("\(folder)/case.json")
            let files = (json["files"]?.array ?? []).compactMap { entry -> File? in
                guard let path = entry["path"]?.string, let dialect = entry["dialect"]?.string else { return nil }
                let file = File(
                    path: "\(folder)/\(path)", dialect: dialect,
                    graphFrom: entry["graph_from"]?.string.map { "\(folder)/\($0)" })
                return Fixtures.exists(file.path) ? file : nil
            }
            cases.append(
                KerasCase(
                    name: name, folder: folder, files: files,
                    opaque: (json["opaque"]?.array ?? []).compactMap(\.string), expect: json["expect"]?.string ?? "",
                    tolerance: (json["tolerance"]?["abs"]?.number ?? 5e-6, json["tolerance"]?["rel"]?.number ?? 2e-5)))
        }
        return cases
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
