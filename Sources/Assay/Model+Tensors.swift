// Finding a tensor by the names that people use, and the size of a file.

import AssayTensors
import Glibc

extension Model {
    /// The stored tensor or the parameter called `name`.
    ///
    /// - Throws: `AssayError.usage` when there is none, naming those that are nearest.
    public func namedTensor(_ name: String) throws(AssayError) -> Tensor {
        if let tensor = tensors[name] { return tensor }
        if let parameter = parameters.first(where: { $0.path == name }) { return try value(of: parameter) }
        let names = Array(tensors.keys) + parameters.map(\.path)
        let near = Array(OrderedNames(names).nearest(to: name).prefix(3))
        throw AssayError(
            .usage, "no tensor '\(name)'", at: .init(file: provenance.path),
            hint: near.isEmpty ? "assay inspect FILE --tensors lists all" : "near: \(near.joined(separator: ", "))")
    }
}

/// Names among which one is looked for.
struct OrderedNames {
    private let names: [String]

    init(_ names: [String]) { self.names = names }

    /// The names by how many changes of one character lead to them; those that have nothing in common are left out.
    func nearest(to name: String) -> [String] {
        let scored = Set(names).map { candidate in (candidate, OrderedNames.distance(name, candidate)) }
        return scored.filter { $0.1 <= max(name.count, $0.0.count) / 2 || $0.0.contains(name) }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }

    /// Levenshtein's distance, over at most 200 characters of each.
    private static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first.utf8.prefix(200)), Array(second.utf8.prefix(200)))
        var previous = Array(0...second.count)
        for (row, character) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in second.enumerated() {
                let change = previous[column] + (character == other ? 0 : 1)
                current.append(min(change, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[second.count]
    }
}

/// The size of a file.
public enum FileSize {
    /// The bytes of the file at `path`; nil for a folder, or where there is none.
    public static func of(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }
}
